package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.activities.Given;
import io.dvflow.activities.Golden;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.transfer.ImportProxies.Address;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.ImportProxy;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the importProxy of the CDIConfig comes to a transfer pod. */
class ImportProxiesTest {

    private static final PersistentVolumeClaim CLAIM = Given.yaml("""
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {namespace: vms, name: fedora, uid: claim-uid}
            """, PersistentVolumeClaim.class);
    private static final ImportProxy EVERYTHING = new ImportProxy(
            "http://me:s3cret@proxy:3128", "http://proxy:3129/", "10.0.0.0/8,.cluster.local", "corporate");
    private static final Map<String, String> AUTHORITIES = Map.of("ca.crt", "PEM", "other.pem", "PEM too");

    @ParameterizedTest
    @CsvSource({
        "http://proxy:3128, http://proxy:3128,",
        "proxy:3128, proxy:3128,",
        "http://me:pw@proxy:3128/, http://proxy:3128/, me:pw",
        "me:pw@proxy, proxy, me:pw",
        "https://me:p%40@ss@[fd00::1]:3128, https://[fd00::1]:3128, me:p%40@ss",
        "http://proxy/a@b, http://proxy/a@b,",
    })
    void anAddressIsPartedFromItsLogin(String text, String url, String login) {
        assertThat(Address.parse(text)).isEqualTo(new Address(url, Optional.ofNullable(login)));
    }

    @Test
    void aPodThroughAProxy() {
        Golden.matches("pod-http-proxy", pod(Given.httpDataVolume(), EVERYTHING));
    }

    @Test
    void theLoginIsInTheSecretAloneAndTheObjectsGoWithThePod() {
        Pod pod = pod(Given.httpDataVolume(), EVERYTHING);
        pod.getMetadata().setUid("pod-uid");

        List<HasMetadata> objects = PodProxy.objectsOf(pod, proxies(EVERYTHING));

        assertThat(Serialization.asJson(pod)).doesNotContain("s3cret");
        assertThat(proxies(EVERYTHING).toString()).contains("http://proxy:3128").doesNotContain("s3cret");
        assertThat(objects).hasSize(2).allSatisfy(object -> {
            assertThat(object.getMetadata().getNamespace()).isEqualTo("vms");
            assertThat(object.getMetadata().getName()).isEqualTo("import-proxy-1");
            assertThat(object.getMetadata().getOwnerReferences())
                    .extracting(OwnerReference::getUid)
                    .containsExactly("pod-uid");
        });
        assertThat(((Secret) objects.getFirst()).getStringData()).containsOnly(Map.entry("http", "me:s3cret"));
        assertThat(((ConfigMap) objects.getLast()).getData()).isEqualTo(AUTHORITIES);
    }

    @Test
    void aProxyWithoutLoginAndAuthorityNeedsNoObjects() {
        Pod pod = pod(Given.httpDataVolume(), new ImportProxy("http://proxy:3128", null, null, ""));

        assertThat(PodProxy.needsObjects(pod)).isFalse();
        assertThat(pod.getSpec().getContainers().getFirst().getEnv())
                .extracting(variable -> variable.getName() + "=" + variable.getValue())
                .containsExactly("http_proxy=http://proxy:3128");
    }

    /** The pod was made by other settings than those of today. */
    @Test
    void whatHasBeenTakenOutOfTheSettingsIsEmptySoThatThePodStarts() {
        Pod pod = pod(Given.httpDataVolume(), EVERYTHING);

        List<HasMetadata> objects = PodProxy.objectsOf(pod, Optional.empty());

        assertThat(objects).hasSize(2);
        assertThat(((Secret) objects.getFirst()).getStringData()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http: {url: 'http://a/b'}",
                "s3: {url: 'http://a/b/c'}",
                "gcs: {url: 'gs://a/b'}",
                "registry: {url: 'docker://a/b'}",
                "imageio: {url: 'https://a', diskId: d, secretRef: s, certConfigMap: c}",
            })
    void everySourceInTheNetworkIsAskedThroughIt(String source) {
        assertThat(pod(from(source), EVERYTHING)
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getEnv())
                .hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"blank: {}", "registry: {url: 'docker://a/b', pullMethod: node}"})
    void whatIsNotFetchedByThePodHasNoUseForIt(String source) {
        Pod pod = pod(from(source), EVERYTHING);

        assertThat(pod.getSpec().getContainers().getFirst().getEnv()).isEmpty();
        assertThat(PodProxy.needsObjects(pod)).isFalse();
    }

    @Test
    void authoritiesThatAreMissingAreNamed() {
        assertThatThrownBy(() -> ImportProxies.of(EVERYTHING, name -> Optional.empty(), "import-proxy-1"))
                .isInstanceOfSatisfying(
                        Trouble.class, trouble -> assertThat(trouble.kind()).isEqualTo(Trouble.Kind.NEEDS_CHANGE))
                .hasMessageContaining("ConfigMap corporate")
                .hasMessageContaining("trustedCAProxy");
    }

    /** What interests users is their own. */
    @Test
    void itsObjectsAreNotAmongThoseToLookAt() {
        DataVolume object = from("http: {url: 'http://a/b', secretRef: login, certConfigMap: authorities}");

        MountedObjects mounted = MountedObjects.of(pod(object, EVERYTHING));

        assertThat(mounted.named()).isEqualTo(" (secret vms/login, ConfigMap vms/authorities)");
    }

    private static Optional<ImportProxies> proxies(ImportProxy set) {
        return ImportProxies.of(set, name -> Optional.of(AUTHORITIES), "import-proxy-1");
    }

    private static Pod pod(DataVolume object, ImportProxy proxy) {
        var plain =
                new PodSettings("transfer:1", "IfNotPresent", Optional.empty(), List.of(), Optional.empty(), List.of());
        return TransferPodBuilder.build(
                object,
                Given.plan(ClaimPath.DIRECT),
                CLAIM,
                TransferProgress.NONE,
                plain.with(proxies(proxy).orElseThrow()));
    }

    private static DataVolume from(String source) {
        DataVolume object = Given.httpDataVolume();
        object.setSpec(Given.yaml("source: {" + source + "}", DataVolumeSpec.class));
        return object;
    }
}
