package io.dvflow.activities.transfer;

import io.dvflow.activities.OperationLabels;
import io.dvflow.activities.claim.Owners;
import io.dvflow.api.DvflowLabels;
import io.dvflow.transfer.TransferSource;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a transfer pod knows of proxies: addresses in its environment, as CDI's pods have them; logins in a Secret, authorities
 * in a ConfigMap. Those two belong to the pod, so they go with it and nobody has to be allowed to delete them; and each pod has
 * its own, so that nobody has to be allowed to read or change them either. Pure.
 */
final class PodProxy {

    private static final String LOGINS = "proxy-logins";
    private static final String AUTHORITIES = "proxy-authorities";
    private static final String DIRECTORY = "/etc/dvflow/";

    private PodProxy() {}

    static void addTo(Pod pod, TransferSource source, ImportProxies proxies) {
        if (!isFetched(source)) {
            return;
        }
        Container importer = pod.getSpec().getContainers().getFirst();
        List<EnvVar> environment = new ArrayList<>(importer.getEnv());
        proxies.http().ifPresent(proxy -> environment.add(variable("http_proxy", proxy.url())));
        proxies.https().ifPresent(proxy -> environment.add(variable("https_proxy", proxy.url())));
        proxies.exceptions().ifPresent(list -> environment.add(variable("no_proxy", list)));
        if (proxies.haveLogin()) {
            environment.add(variable("DVFLOW_PROXY_LOGINS", DIRECTORY + LOGINS));
            mount(
                    pod,
                    new VolumeBuilder()
                            .withName(LOGINS)
                            .withNewSecret()
                            .withSecretName(proxies.objectName())
                            .endSecret()
                            .build());
        }
        if (proxies.authorities().isPresent()) {
            environment.add(variable("DVFLOW_PROXY_CERTIFICATES", DIRECTORY + AUTHORITIES));
            mount(
                    pod,
                    new VolumeBuilder()
                            .withName(AUTHORITIES)
                            .withNewConfigMap()
                            .withName(proxies.objectName())
                            .endConfigMap()
                            .build());
        }
        importer.setEnv(environment);
    }

    /** Whether a volume is one of these, and none that the user has named. */
    static boolean isOurs(Volume volume) {
        return volume.getName().equals(LOGINS) || volume.getName().equals(AUTHORITIES);
    }

    static boolean needsObjects(Pod pod) {
        return pod.getSpec().getVolumes().stream().anyMatch(PodProxy::isOurs);
    }

    /**
     * What has to exist before the pod can start. What has been taken out of the settings since the pod was made is empty: the
     * pod starts, and what it then fails with makes way for one that is made by the settings of today.
     */
    static List<HasMetadata> objectsOf(Pod pod, Optional<ImportProxies> proxies) {
        List<HasMetadata> objects = new ArrayList<>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getName().equals(LOGINS)) {
                objects.add(new SecretBuilder()
                        .withMetadata(metadata(pod, volume.getSecret().getSecretName()))
                        .withStringData(proxies.map(PodProxy::logins).orElse(Map.of()))
                        .build());
            } else if (volume.getName().equals(AUTHORITIES)) {
                objects.add(new ConfigMapBuilder()
                        .withMetadata(metadata(pod, volume.getConfigMap().getName()))
                        .withData(proxies.flatMap(ImportProxies::authorities).orElse(Map.of()))
                        .build());
            }
        }
        return objects;
    }

    private static Map<String, String> logins(ImportProxies proxies) {
        Map<String, String> logins = new LinkedHashMap<>();
        proxies.http().flatMap(ImportProxies.Address::login).ifPresent(login -> logins.put("http", login));
        proxies.https().flatMap(ImportProxies.Address::login).ifPresent(login -> logins.put("https", login));
        return logins;
    }

    private static ObjectMeta metadata(Pod pod, String name) {
        return new ObjectMetaBuilder()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(name)
                .withLabels(OperationLabels.with(
                        Map.of(), pod.getMetadata().getLabels().get(DvflowLabels.DATAVOLUME_UID)))
                .withOwnerReferences(Owners.controller(pod))
                .build();
    }

    /** Whether anything of it comes over the network to the pod. */
    private static boolean isFetched(TransferSource source) {
        return switch (source) {
            case TransferSource.Blank _, TransferSource.PulledImage _ -> false;
            case TransferSource.Http _,
                    TransferSource.S3 _,
                    TransferSource.Gcs _,
                    TransferSource.Registry _,
                    TransferSource.ImageIo _,
                    TransferSource.Vddk _ -> true;
        };
    }

    private static void mount(Pod pod, Volume volume) {
        pod.getSpec().getVolumes().add(volume);
        pod.getSpec()
                .getContainers()
                .getFirst()
                .getVolumeMounts()
                .add(new VolumeMountBuilder()
                        .withName(volume.getName())
                        .withMountPath(DIRECTORY + volume.getName())
                        .withReadOnly(true)
                        .build());
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }
}
