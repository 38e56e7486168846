package io.dvflow.gateway.admission;

import io.dvflow.api.Labels;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.gateway.admission.DataSourceState.CloneSource;
import io.dvflow.gateway.admission.DataSourceState.CloneSource.Kind;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Asks the API server, each time. */
public final class KubernetesClusterView implements ClusterView {
    private static final String DATA_SOURCES = "datasources";

    private final KubernetesClient client;

    public KubernetesClusterView(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
        return Optional.ofNullable(client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    @Override
    public boolean featureGate(String name) {
        CDIConfig config =
                client.resources(CDIConfig.class).withName(CdiApi.CONFIG_NAME).get();
        return config != null
                && config.getSpec() != null
                && config.getSpec().featureGates().contains(name);
    }

    // Asked of discovery first, which everyone may read: without the kind no right to it is needed.
    @Override
    public DataSourceState dataSource(String namespace, String name) {
        APIResourceList served = client.getApiResources(CdiApi.API_VERSION);
        if (served == null
                || served.getResources().stream()
                        .noneMatch(resource -> resource.getName().equals(DATA_SOURCES))) {
            return new DataSourceState.NotServed();
        }
        ResourceDefinitionContext kind = new ResourceDefinitionContext.Builder()
                .withGroup(CdiApi.GROUP)
                .withVersion(CdiApi.VERSION)
                .withKind("DataSource")
                .withPlural(DATA_SOURCES)
                .withNamespaced(true)
                .build();
        GenericKubernetesResource dataSource = client.genericKubernetesResources(kind)
                .inNamespace(namespace)
                .withName(name)
                .get();
        return dataSource == null ? new DataSourceState.NotFound() : new DataSourceState.Found(source(dataSource));
    }

    // The status says what a reference to another DataSource comes to; the spec is enough where it names a volume.
    private static Optional<CloneSource> source(GenericKubernetesResource dataSource) {
        return Stream.of("status", "spec")
                .flatMap(part -> Stream.of(
                                cloneSource(dataSource, part, "pvc", Kind.CLAIM),
                                cloneSource(dataSource, part, "snapshot", Kind.SNAPSHOT))
                        .flatMap(Optional::stream))
                .findFirst();
    }

    private static Optional<CloneSource> cloneSource(
            GenericKubernetesResource dataSource, String part, String member, Kind kind) {
        Map<String, Object> named = dataSource.get(part, "source", member);
        if (named == null) {
            return Optional.empty();
        }
        Object namespace =
                named.getOrDefault("namespace", dataSource.getMetadata().getNamespace());
        return Optional.of(new CloneSource(kind, String.valueOf(namespace), String.valueOf(named.get("name"))));
    }

    @Override
    public boolean mayCreate(UserInfo user, ResourceName resource) {
        SubjectAccessReview review = new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(user.getUsername())
                .withUid(user.getUid())
                .withGroups(user.getGroups())
                .withExtra(user.getExtra())
                .withNewResourceAttributes()
                .withVerb("create")
                .withGroup(resource.group())
                .withResource(resource.resource())
                .withSubresource(resource.subresource())
                .withNamespace(resource.namespace())
                .withName(resource.name())
                .endResourceAttributes()
                .endSpec()
                .build();
        return Boolean.TRUE.equals(client.authorization()
                .v1()
                .subjectAccessReview()
                .create(review)
                .getStatus()
                .getAllowed());
    }

    @Override
    public boolean hasDataVolumesOfUsers() {
        List<DataVolume> first = client.resources(DataVolume.class)
                .inAnyNamespace()
                .list(new ListOptionsBuilder()
                        .withLabelSelector("!" + Labels.DATA_IMPORT_CRON)
                        .withLimit(1L)
                        .build())
                .getItems();
        return !first.isEmpty();
    }
}
