package io.dvflow.e2e;

import java.util.Map;

/** The manifests that the tests apply, in the words a user would write. */
final class Manifests {

    private Manifests() {}

    static String http(String name, String url, String storageClass, String volumeMode, long bytes) {
        return http(name, url, storageClass, volumeMode, bytes, Map.of());
    }

    static String http(
            String name,
            String url,
            String storageClass,
            String volumeMode,
            long bytes,
            Map<String, String> annotations) {
        return of(name, "http:\n      url: " + url, storageClass, volumeMode, bytes, annotations);
    }

    static String blank(String name, String storageClass, String volumeMode, long bytes) {
        return of(name, "blank: {}", storageClass, volumeMode, bytes, Map.of());
    }

    /** Without a volume mode: an archive can have only one. */
    static String archive(String name, String url, String storageClass, long bytes) {
        return """
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata:
                  name: %s
                spec:
                  contentType: archive
                  source:
                    http:
                      url: %s
                  storage:
                    accessModes: [ReadWriteOnce]
                    storageClassName: %s
                    resources:
                      requests:
                        storage: "%d"
                """.formatted(name, url, storageClass, bytes);
    }

    /** @param source YAML below {@code source:}, of which later lines are indented by six */
    static String of(
            String name,
            String source,
            String storageClass,
            String volumeMode,
            long bytes,
            Map<String, String> annotations) {
        var lines = new StringBuilder();
        annotations.forEach((key, value) ->
                lines.append("    ").append(key).append(": \"").append(value).append("\"\n"));
        return """
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata:
                  name: %s
                  annotations:
                %sspec:
                  source:
                    %s
                  storage:
                    accessModes: [ReadWriteOnce]
                    volumeMode: %s
                    storageClassName: %s
                    resources:
                      requests:
                        storage: "%d"
                """.formatted(name, lines, source, volumeMode, storageClass, bytes);
    }
}
