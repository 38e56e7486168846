package io.dvflow.api.crd;

import io.dvflow.api.v1beta1.DataVolumeCheckpoint;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSourceRef;
import io.dvflow.api.v1beta1.GcsSource;
import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.api.v1beta1.ImageIoSource;
import io.dvflow.api.v1beta1.ImportSourceType;
import io.dvflow.api.v1beta1.PvcSource;
import io.dvflow.api.v1beta1.RegistrySource;
import io.dvflow.api.v1beta1.S3Source;
import io.dvflow.api.v1beta1.SnapshotSource;
import io.dvflow.api.v1beta1.VddkSource;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Rules on the sources, which DataVolume and VolumeImportSource share. */
final class SourceRules {
    private static final String WEB_URL = "isURL(self.%1$s) && url(self.%1$s).getScheme() in ['http', 'https', 'gs']";
    private static final String INVALID_URL = "Invalid source URL: expected an absolute http, https or gs address";

    private SourceRules() {}

    static void addTo(Map<Class<?>, Consumer<Schema>> all) {
        all.put(DataVolumeSource.class, source -> exactlyOneMember(source, "Data volume"));
        all.put(ImportSourceType.class, source -> exactlyOneMember(source, "VolumeImport"));
        all.put(HttpSource.class, SourceRules::http);
        all.put(S3Source.class, SourceRules::webUrl);
        all.put(GcsSource.class, SourceRules::webUrl);
        all.put(RegistrySource.class, SourceRules::registry);
        all.put(ImageIoSource.class, SourceRules::imageIo);
        all.put(VddkSource.class, SourceRules::vddk);
        all.put(PvcSource.class, clone -> namespacedName(clone, "source PVC"));
        all.put(SnapshotSource.class, clone -> namespacedName(clone, "source snapshot"));
        all.put(DataVolumeSourceRef.class, SourceRules::sourceRef);
        all.put(DataVolumeCheckpoint.class, checkpoint -> checkpoint.required("current", "previous"));
    }

    private static void exactlyOneMember(Schema source, String owner) {
        String members = source.properties().keySet().stream()
                .map(member -> "has(self." + member + ")")
                .collect(Collectors.joining(", ", "[", "]"));
        source.rule(members + ".exists(member, member)", "Missing " + owner + " source");
        source.rule(members + ".filter(member, member).size() <= 1", "Multiple " + owner + " sources");
    }

    private static void webUrl(Schema source) {
        source.required("url").rule(WEB_URL.formatted("url"), INVALID_URL);
    }

    private static void http(Schema http) {
        webUrl(http);
        http.rule(
                "!has(self.checksum) || self.checksum == '' || self.checksum.matches("
                        + "'^(?i)(md5:[0-9a-f]{32}|sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$')",
                "Invalid checksum: expected md5, sha1, sha256 or sha512, a colon, and all digits of the digest in hex");
    }

    private static void registry(Schema registry) {
        registry.at("pullMethod").defaultsTo("pod");
        registry.rule(
                Cel.isSet("url") + " != " + Cel.isSet("imageStream"),
                "Source registry should have either url or imageStream");
        registry.rule(
                "!" + Cel.isSet("url")
                        + " || (isURL(self.url) && url(self.url).getScheme() in ['docker', 'oci-archive'])",
                "Illegal registry source URL: expected docker://host/image:tag or oci-archive://path");
        registry.rule(
                "!has(self.pullMethod) || self.pullMethod in ['', 'pod', 'node']",
                "Illegal registry pullMethod: expected pod or node");
        registry.rule(
                "!" + Cel.isSet("imageStream") + " || (has(self.pullMethod) && self.pullMethod == 'node')",
                "Source registry imageStream is supported only with pullMethod node");
    }

    private static void imageIo(Schema imageIo) {
        imageIo.required("url", "diskId").rule(WEB_URL.formatted("url"), INVALID_URL);
        imageIo.rule(
                Cel.areSet("secretRef", "diskId") + " && (" + Cel.isSet("certConfigMap")
                        + " || self.?insecureSkipVerify.orValue(false))",
                "source Imageio is not valid: it needs secretRef, diskId, and certConfigMap or insecureSkipVerify");
    }

    private static void vddk(Schema vddk) {
        vddk.rule("has(self.url) && " + WEB_URL.formatted("url"), INVALID_URL);
        vddk.rule(
                Cel.areSet("secretRef", "uuid", "backingFile", "thumbprint"),
                "source VDDK is not valid: it needs secretRef, uuid, backingFile and thumbprint");
    }

    private static void namespacedName(Schema clone, String what) {
        clone.required("namespace", "name")
                .rule(
                        Cel.areSet("__namespace__", "name"),
                        what + " is not valid: namespace and name must not be empty");
    }

    private static void sourceRef(Schema reference) {
        reference.required("kind", "name");
        reference.rule("self.kind == 'DataSource'", "Unsupported sourceRef kind: only DataSource is supported");
        reference.rule("self.name != ''", "Missing sourceRef name");
    }
}
