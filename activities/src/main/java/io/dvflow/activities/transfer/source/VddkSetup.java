package io.dvflow.activities.transfer.source;

import static io.dvflow.activities.transfer.source.SourceSetup.annotation;
import static io.dvflow.activities.transfer.source.SourceSetup.present;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.VddkSource;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.TransferSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A disk of VMware. The library that reads it may not be handed on, so users bring it in an image of their own. */
public final class VddkSetup {

    /** In the namespace of the installation: the ConfigMap that names the library's image for everybody. */
    public static final String CONFIG_MAP = "v2v-vmware";

    public static final String CONFIG_MAP_KEY = "vddk-init-image";

    private static final String SETTINGS = "/etc/dvflow/vddk";

    private VddkSetup() {}

    static SourceSetup of(DataVolume object, VddkSource disk, Optional<Checkpoint> checkpoint) {
        Mounted credentials = Mounted.credentials(disk.secretRef());
        Optional<Mounted> certificates = present(disk.certConfigMap()).map(Mounted::certificates);
        Optional<String> configMap =
                annotation(object, Annotations.STORAGE_POD_VDDK_EXTRA_ARGS).or(() -> present(disk.extraArgs()));
        Optional<Mounted> settings =
                configMap.map(name -> new Mounted("vddk-extra-args", SETTINGS, Mounted.From.CONFIG_MAP, name));
        List<Mounted> mounted = new ArrayList<>(List.of(credentials));
        certificates.ifPresent(mounted::add);
        settings.ifPresent(mounted::add);
        return new SourceSetup(
                new TransferSource.Vddk(
                        disk.url(),
                        disk.uuid(),
                        disk.backingFile(),
                        disk.thumbprint(),
                        checkpoint,
                        credentials.path(),
                        certificates.map(Mounted::path),
                        settings.map(Mounted::path)),
                mounted,
                Optional.empty(),
                Optional.of(new VddkLibrary(imageOf(object, disk), configMap)));
    }

    /** The image that the object names itself. */
    public static Optional<String> imageOf(DataVolume object, VddkSource disk) {
        return annotation(object, Annotations.STORAGE_POD_VDDK_INIT_IMAGE_URL).or(() -> present(disk.initImageURL()));
    }
}
