package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.activities.Given;
import io.dvflow.activities.Golden;
import io.dvflow.activities.Trouble;
import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.NodePlacement;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferPlan.ContentType;
import io.dvflow.transfer.TransferSource;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransferPodBuilderTest {

    private static final PodSettings PLAIN =
            new PodSettings("transfer:1", "IfNotPresent", Optional.empty(), List.of(), Optional.empty(), List.of());
    private static final PersistentVolumeClaim CLAIM = Given.yaml("""
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {namespace: vms, name: fedora, uid: claim-uid}
            """, PersistentVolumeClaim.class);

    @Test
    void aPodForAnOpenImageInAFileSystem() {
        Golden.matches("pod-http-filesystem", pod(Given.httpDataVolume(), Given.plan(ClaimPath.DIRECT), PLAIN));
    }

    @Test
    void aPodWithScratchSpace() {
        var soFar = TransferProgress.NONE.in(new ScratchSpace("fedora-scratch", 4096));

        Golden.matches(
                "pod-http-scratch",
                TransferPodBuilder.build(Given.httpDataVolume(), Given.plan(ClaimPath.DIRECT), CLAIM, soFar, PLAIN));
    }

    @Test
    void aPodWithEverySecretAndEverySetting() {
        DataVolume object = Given.yaml("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata:
                  namespace: vms
                  name: fedora
                  uid: %s
                  labels: {team: web}
                  annotations:
                    k8s.v1.cni.cncf.io/networks: fast
                    sidecar.istio.io/inject: "true"
                    example.com/private: stays
                spec:
                  source:
                    http:
                      url: https://images/fedora.qcow2
                      secretRef: user
                      certConfigMap: authorities
                      extraHeaders: ["X-One: 1"]
                      secretExtraHeaders: [first, second]
                      checksum: sha256:00
                      insecureSkipVerify: true
                  priorityClassName: high
                  serviceAccountName: puller
                """.formatted(Given.UID), DataVolume.class);
        var settings = new PodSettings(
                "transfer:1",
                "Always",
                Optional.of(Given.yaml("limits: {memory: 600M}", ResourceRequirements.class)),
                List.of(new LocalObjectReference("pull")),
                Optional.of(Given.yaml("""
                        nodeSelector: {disks: fast}
                        tolerations: [{key: storage, operator: Exists}]
                        """, NodePlacement.class)),
                List.of("registry:5000"));

        Golden.matches(
                "pod-http-block", pod(object, Given.plan(ClaimPath.POPULATOR, "Block", Optional.empty()), settings));
    }

    @Test
    void theObjectAsksForVerification() {
        DataVolume object = Given.httpDataVolume();
        assertThat(TransferPlans.of(object, Given.plan(ClaimPath.DIRECT), TransferProgress.NONE, List.of())
                        .verify())
                .isFalse();

        object.getMetadata().setAnnotations(Map.of("dvflow.io/verify", "true"));

        assertThat(TransferPlans.of(object, Given.plan(ClaimPath.DIRECT), TransferProgress.NONE, List.of())
                        .verify())
                .isTrue();
    }

    @Test
    void theObjectSaysWhatTheBytesAre() {
        String source = "http: {url: 'https://images.example/tree.tar.gz'}";

        assertThat(List.of("", "contentType: kubevirt", "contentType: archive"))
                .map(spec -> TransferPlans.of(
                                from(source, spec), Given.plan(ClaimPath.DIRECT), TransferProgress.NONE, List.of())
                        .contentType())
                .containsExactly(ContentType.KUBEVIRT, ContentType.KUBEVIRT, ContentType.ARCHIVE);
    }

    @Test
    void aPodForABucket() {
        Golden.matches("pod-s3", pod(from("""
                s3: {url: "https://s3.eu-west-1.amazonaws.com/images/disk.img", secretRef: keys, certConfigMap: authorities}
                """, ""), Given.plan(ClaimPath.DIRECT), PLAIN));
    }

    @Test
    void aPodForABucketOfGooglesWithAKey() {
        Golden.matches("pod-gcs", pod(from("""
                gcs: {url: "gs://images/disk.img", secretRef: gcs-secret}
                """, "serviceAccountName: reader"), Given.plan(ClaimPath.DIRECT), PLAIN));
    }

    @ParameterizedTest
    @CsvSource({"serviceAccountName: reader, true", "priorityClassName: high, false"})
    void aPodAsksAsItsOwnAccountOnlyWhereOneIsNamed(String spec, boolean own) {
        TransferPlan plan = TransferPlans.of(
                from("gcs: {url: 'gs://images/disk.img'}", spec),
                Given.plan(ClaimPath.DIRECT),
                TransferProgress.NONE,
                List.of());

        assertThat(plan.source()).isEqualTo(new TransferSource.Gcs("gs://images/disk.img", Optional.empty(), own));
    }

    @Test
    void aPodIsToldOfMirrors() {
        DataVolume object = Given.httpDataVolume();
        object.getMetadata().setAnnotations(Map.of("dvflow.io/mirrors", " http://a/x\n  https://b/y?z "));

        TransferPlan plan = TransferPlans.of(object, Given.plan(ClaimPath.DIRECT), TransferProgress.NONE, List.of());

        assertThat(((TransferSource.Http) plan.source()).mirrors()).containsExactly("http://a/x", "https://b/y?z");
    }

    @ParameterizedTest
    @CsvSource({"a/x, 1", "http://a/x ftp://b/y, 2", "http://a/x https://secret@, 2", "http://a/x b/y, 2"})
    void anAddressThatIsNoneIsPointedAtAndNotRepeated(String mirrors, int entry) {
        DataVolume object = Given.httpDataVolume();
        object.getMetadata().setAnnotations(Map.of("dvflow.io/mirrors", mirrors));

        assertThatThrownBy(
                        () -> TransferPlans.of(object, Given.plan(ClaimPath.DIRECT), TransferProgress.NONE, List.of()))
                .isInstanceOf(Trouble.class)
                .hasMessageContaining("dvflow.io/mirrors has an entry " + entry)
                .hasMessageNotContaining("secret");
    }

    @Test
    void aPodThatReadsFromARegistry() {
        DataVolume object = registry("""
                url: docker://registry:5000/disks/fedora:41
                secretRef: login
                certConfigMap: authorities
                platform: {architecture: arm64}
                """);
        var settings = new PodSettings(
                "transfer:1",
                "IfNotPresent",
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of("other:5000", "registry:5000"));

        Golden.matches("pod-registry", pod(object, Given.plan(ClaimPath.DIRECT), settings));
    }

    @Test
    void onlyTheRegistriesThatAreListedAreInsecure() {
        DataVolume object = registry("url: docker://registry:5000/disks/fedora");

        TransferPlan plan = TransferPlans.of(
                object, Given.plan(ClaimPath.DIRECT), TransferProgress.NONE, List.of("registry", "registry:500"));

        assertThat(plan.source())
                .isEqualTo(new TransferSource.Registry(
                        "docker://registry:5000/disks/fedora",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.empty()));
    }

    @Test
    void aPodWhoseNodePullsTheImage() {
        DataVolume object = registry("""
                url: docker://quay.io/containerdisks/fedora:41
                pullMethod: node
                secretRef: login
                platform: {architecture: arm64}
                """);
        var settings = new PodSettings(
                "transfer:1",
                "Always",
                Optional.of(Given.yaml("limits: {memory: 600M}", ResourceRequirements.class)),
                List.of(new LocalObjectReference("pull")),
                Optional.of(Given.yaml("nodeSelector: {disks: fast}", NodePlacement.class)),
                List.of());

        Golden.matches("pod-registry-node", pod(object, Given.plan(ClaimPath.DIRECT), settings));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pod", "node"})
    void aChecksumIsHandedOverWhoeverPulls(String pullMethod) {
        DataVolume object = registry("{url: docker://quay.io/disks/fedora, pullMethod: " + pullMethod + "}");
        object.getMetadata().setAnnotations(Map.of(Annotations.STORAGE_IMPORT_CHECKSUM, "md5:" + "0".repeat(32)));

        TransferPlan plan = TransferPlans.of(object, Given.plan(ClaimPath.DIRECT), TransferProgress.NONE, List.of());

        assertThat(plan.source().checksum()).contains("md5:" + "0".repeat(32));
    }

    @Test
    void anImageStreamIsResolvedByOpenShift() {
        Pod pod = pod(registry("{imageStream: fedora, pullMethod: node}"), Given.plan(ClaimPath.DIRECT), PLAIN);

        assertThat(pod.getMetadata().getAnnotations())
                .containsEntry("alpha.image.policy.openshift.io/resolve-names", "*");
        assertThat(pod.getMetadata().getOwnerReferences()).isEmpty();
        assertThat(pod.getSpec().getInitContainers().getLast().getImage()).isEqualTo("fedora");
    }

    @ParameterizedTest
    @CsvSource({
        "fedora, importer-fedora",
        "prime-11111111-2222-3333-4444-555555555555, importer-prime-11111111-2222-3333-4444-555555555555",
        "0123456789012345678901234567890123456789012345678901234567890,"
                + " importer-0123456789012345678901234567890123456789012-4479dab395",
    })
    void oneNameForEachClaim(String claim, String pod) {
        assertThat(PodNames.importer(claim, Optional.empty()))
                .hasSizeLessThanOrEqualTo(63)
                .isEqualTo(pod);
    }

    @Test
    void aMapThatIsTooLongLosesItsSmallestRanges() {
        List<ByteRange> ranges = LongStream.range(0, 20_000)
                .mapToObj(i -> new ByteRange(i << 30, i % 2 == 0 ? 4096 : 1 << 20))
                .toList();
        var map = new ResumeMap(new SourcePin("http://a", 5, Optional.empty(), Optional.empty()), ranges);

        TransferPlan plan = TransferPlans.of(
                Given.httpDataVolume(),
                Given.plan(ClaimPath.DIRECT),
                new TransferProgress(1, Optional.of(map)),
                List.of());

        assertThat(TransferJson.write(plan)).hasSizeLessThan(140_000);
        assertThat(plan.resumeFrom().orElseThrow().finished())
                .isNotEmpty()
                .allMatch(range -> range.length() == 1 << 20)
                .isSortedAccordingTo(Comparator.comparingLong(ByteRange::offset));
    }

    private static DataVolume registry(String source) {
        DataVolume object = Given.httpDataVolume();
        object.setSpec(Given.yaml("source:\n  registry:\n" + source.indent(4), DataVolumeSpec.class));
        return object;
    }

    @Test
    void theLongestMapOfAStreamIsHandedOnAsItIs() {
        List<ByteRange> ranges = LongStream.range(0, 256)
                .mapToObj(i -> new ByteRange(i << 30, 4096))
                .toList();
        // What a reader of gzip keeps: 32 KiB that could not be packed, in Base64.
        var mark =
                new Mark(1L << 40, Map.of("kind", "gzip", "window", "x".repeat(44_000)), Optional.of(Mark.at(1 << 30)));
        var map = new ResumeMap(
                new SourcePin("http://a", 5, Optional.of("\"v1\""), Optional.empty()), ranges, Optional.of(mark));

        TransferPlan plan = TransferPlans.of(
                Given.httpDataVolume(),
                Given.plan(ClaimPath.DIRECT),
                new TransferProgress(1, Optional.of(map)),
                List.of());

        assertThat(plan.resumeFrom()).contains(map);
    }

    @Test
    void aMarkOfNobodysIsNotHandedOn() {
        var mark = new Mark(5, Map.of("window", "x".repeat(200_000)), Optional.empty());
        var map = new ResumeMap(
                new SourcePin("http://a", 5, Optional.empty(), Optional.empty()),
                List.of(new ByteRange(0, 5)),
                Optional.of(mark));

        TransferPlan plan = TransferPlans.of(
                Given.httpDataVolume(),
                Given.plan(ClaimPath.DIRECT),
                new TransferProgress(1, Optional.of(map)),
                List.of());

        assertThat(plan.resumeFrom().orElseThrow().stream()).isEmpty();
    }

    private static Pod pod(DataVolume object, ImportPlan plan, PodSettings settings) {
        return TransferPodBuilder.build(object, plan, CLAIM, TransferProgress.NONE, settings);
    }

    private static DataVolume from(String source, String moreOfSpec) {
        return Given.yaml("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata: {namespace: vms, name: fedora, uid: %s}
                spec:
                  source: {%s}
                  %s
                """.formatted(Given.UID, source.strip(), moreOfSpec), DataVolume.class);
    }
}
