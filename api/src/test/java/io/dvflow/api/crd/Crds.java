package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.api.v1beta1.CDIConfigStatus;
import io.dvflow.api.v1beta1.CDISpec;
import io.dvflow.api.v1beta1.CDIStatus;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.api.v1beta1.StorageProfile;
import io.dvflow.api.v1beta1.StorageProfileSpec;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import io.dvflow.api.v1beta1.VolumeImportSource;
import io.dvflow.api.v1beta1.VolumeImportSourceSpec;
import io.dvflow.api.v1beta1.VolumeImportSourceStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The custom resource definitions of the chart. */
final class Crds {
    private static final CustomResourceColumnDefinition AGE =
            column("Age", "date", ".metadata.creationTimestamp", "Time since the object was created.");

    private final SchemaGenerator schemas = new SchemaGenerator();

    List<CustomResourceDefinition> all() {
        return List.of(dataVolume(), installation(), configuration(), storageProfile(), volumeImportSource());
    }

    private CustomResourceDefinition dataVolume() {
        Schema root = root(
                "A claim together with the data that are to be in it.", DataVolumeSpec.class, DataVolumeStatus.class);
        CustomResourceDefinition crd = crd(
                DataVolume.class,
                version(
                        root,
                        column("Phase", "string", ".status.phase", "Step the operation is at."),
                        column("Progress", "string", ".status.progress", "Part of the data that is transferred."),
                        column("Restarts", "integer", ".status.restartCount", "Number of attempts after the first."),
                        AGE));
        crd.getSpec().getNames().setCategories(List.of("all"));
        return withStatus(crd);
    }

    /** Served under v1alpha1 too, for clients that old; both versions have the same fields. */
    private CustomResourceDefinition installation() {
        CustomResourceColumnDefinition phase =
                column("Phase", "string", ".status.phase", "Step the installation is at.");
        Schema root = root("The installation of dvflow; the oldest object counts.", CDISpec.class, CDIStatus.class);
        CustomResourceDefinition crd = crd(CDI.class, version(root, AGE, phase));
        CustomResourceDefinitionVersion old = version(root, AGE, phase);
        old.setName("v1alpha1");
        old.setStorage(false);
        crd.getSpec().setVersions(List.of(crd.getSpec().getVersions().getFirst(), old));
        return crd;
    }

    private CustomResourceDefinition configuration() {
        Schema root = root(
                "Settings for the whole cluster; the object named config counts.",
                CDIConfigSpec.class,
                CDIConfigStatus.class);
        return crd(CDIConfig.class, version(root));
    }

    private CustomResourceDefinition storageProfile() {
        Schema root = root(
                "What is known of the storage class of the same name.",
                StorageProfileSpec.class,
                StorageProfileStatus.class);
        return withStatus(crd(StorageProfile.class, version(root)));
    }

    private CustomResourceDefinition volumeImportSource() {
        Schema root = root(
                "Names, in the dataSourceRef of a claim, the data that are imported into the claim.",
                VolumeImportSourceSpec.class,
                VolumeImportSourceStatus.class);
        root.rule("self.metadata.name.size() <= 63", "Name of VolumeImportSource cannot be more than 63 characters");
        return crd(VolumeImportSource.class, version(root));
    }

    private Schema root(String description, Class<?> spec, Class<?> status) {
        Map<String, JSONSchemaProps> properties = new TreeMap<>();
        properties.put("apiVersion", text("Group and version of the API, cdi.kubevirt.io/v1beta1."));
        properties.put("kind", text("Kind of the object."));
        properties.put(
                "metadata", new JSONSchemaPropsBuilder().withType("object").build());
        properties.put("spec", described(spec, "What is wanted."));
        properties.put("status", described(status, "What is; written by dvflow."));
        return new Schema(new JSONSchemaPropsBuilder()
                        .withType("object")
                        .withDescription(description)
                        .withProperties(properties)
                        .build())
                .required("spec");
    }

    private JSONSchemaProps described(Class<?> type, String description) {
        JSONSchemaProps schema = schemas.of(type);
        schema.setDescription(description);
        return schema;
    }

    private static JSONSchemaProps text(String description) {
        return new JSONSchemaPropsBuilder()
                .withType("string")
                .withDescription(description)
                .build();
    }

    private static CustomResourceDefinitionVersion version(Schema root, CustomResourceColumnDefinition... columns) {
        return new CustomResourceDefinitionVersionBuilder()
                .withName("v1beta1")
                .withServed(true)
                .withStorage(true)
                .withAdditionalPrinterColumns(columns)
                .withNewSchema()
                .withOpenAPIV3Schema(root.props())
                .endSchema()
                .build();
    }

    private static CustomResourceColumnDefinition column(String name, String type, String path, String description) {
        return new CustomResourceColumnDefinitionBuilder()
                .withName(name)
                .withType(type)
                .withJsonPath(path)
                .withDescription(description)
                .build();
    }

    private static <T extends CustomResource<?, ?>> CustomResourceDefinition crd(
            Class<T> type, CustomResourceDefinitionVersion version) {
        return new CustomResourceDefinitionBuilder()
                .withNewMetadata()
                .withName(CustomResource.getCRDName(type))
                // Deleting a definition deletes every object of the kind, and with it everyone's disks.
                .addToAnnotations("helm.sh/resource-policy", "keep")
                .endMetadata()
                .withNewSpec()
                .withGroup(HasMetadata.getGroup(type))
                .withScope(Namespaced.class.isAssignableFrom(type) ? "Namespaced" : "Cluster")
                .withNewNames()
                .withKind(HasMetadata.getKind(type))
                .withListKind(HasMetadata.getKind(type) + "List")
                .withPlural(HasMetadata.getPlural(type))
                .withSingular(HasMetadata.getSingular(type))
                .withShortNames(CustomResource.getShortNames(type))
                .endNames()
                .withVersions(version)
                .endSpec()
                .build();
    }

    private static CustomResourceDefinition withStatus(CustomResourceDefinition crd) {
        return new CustomResourceDefinitionBuilder(crd)
                .editSpec()
                .editFirstVersion()
                .withNewSubresources()
                .withNewStatus()
                .endStatus()
                .endSubresources()
                .endVersion()
                .endSpec()
                .build();
    }
}
