package io.dvflow.activities.transfer.source;

import static io.dvflow.activities.transfer.source.SourceSetup.present;

import io.dvflow.api.v1beta1.PlatformOptions;
import io.dvflow.api.v1beta1.RegistrySource;
import io.dvflow.transfer.TransferSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A disk in a container image, which either the transfer program reads from the registry or the node pulls. */
final class RegistrySetup {

    private static final String NODE = "node";

    private RegistrySetup() {}

    /** @param checksum for which CDI has no field in this source, but an annotation */
    static SourceSetup of(RegistrySource registry, List<String> insecureRegistries, Optional<String> checksum) {
        return NODE.equals(registry.pullMethod())
                ? pulledByNode(registry, checksum)
                : pulledByPod(registry, insecureRegistries, checksum);
    }

    private static SourceSetup pulledByPod(
            RegistrySource registry, List<String> insecureRegistries, Optional<String> checksum) {
        Optional<Mounted> credentials = present(registry.secretRef()).map(Mounted::credentials);
        Optional<Mounted> certificates = present(registry.certConfigMap()).map(Mounted::certificates);
        List<Mounted> mounted = new ArrayList<>();
        credentials.ifPresent(mounted::add);
        certificates.ifPresent(mounted::add);
        return new SourceSetup(
                new TransferSource.Registry(
                        registry.url(),
                        credentials.map(Mounted::path),
                        certificates.map(Mounted::path),
                        architecture(registry),
                        insecureRegistries.contains(authority(registry.url())),
                        checksum),
                mounted);
    }

    /** The node has logins and authorities of its own; a Secret that pods can pull with is handed to it as well. */
    private static SourceSetup pulledByNode(RegistrySource registry, Optional<String> checksum) {
        Optional<String> stream = present(registry.imageStream());
        String image = stream.orElseGet(() -> withoutScheme(registry.url()));
        NodePull pull = new NodePull(
                image, stream.isPresent(), present(registry.secretRef()), architecture(registry), NodePull.SHARED);
        return new SourceSetup(
                new TransferSource.PulledImage(image, NodePull.SHARED, checksum), List.of(), Optional.of(pull));
    }

    private static Optional<String> architecture(RegistrySource registry) {
        return Optional.ofNullable(registry.platform())
                .map(PlatformOptions::architecture)
                .flatMap(SourceSetup::present);
    }

    /** What stands between the slashes: mostly a host with its port, and sometimes the first part of a name. */
    private static String authority(String url) {
        String rest = withoutScheme(url);
        int slash = rest.indexOf('/');
        return slash < 0 ? rest : rest.substring(0, slash);
    }

    private static String withoutScheme(String url) {
        return url.replaceFirst("^[a-z-]+://", "");
    }
}
