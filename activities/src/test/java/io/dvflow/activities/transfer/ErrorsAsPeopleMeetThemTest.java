package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.dvflow.activities.Activities;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.Given;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.kubernetes.KubernetesCalls;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.temporal.failure.ActivityFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong stands in the condition and in an event of the DataVolume: which object it is about, and the numbers. */
class ErrorsAsPeopleMeetThemTest {

    private static final ImportPlan PLAN = Given.plan(ClaimPath.DIRECT);
    private static final DataVolume OBJECT = Given.yaml("""
            apiVersion: cdi.kubevirt.io/v1beta1
            kind: DataVolume
            metadata:
              namespace: vms
              name: fedora
              uid: %s
              resourceVersion: "7"
              creationTimestamp: "2026-01-01T00:00:00Z"
            spec:
              source:
                http:
                  url: "https://images/fedora.qcow2"
                  secretRef: login
                  certConfigMap: authorities
                  secretExtraHeaders: [token]
              storage:
                accessModes: [ReadWriteOnce]
                resources: {requests: {storage: 1Gi}}
            """.formatted(Given.UID), DataVolume.class);

    private final TestActivityEnvironment temporal = Activities.environment();
    private final FakeObjects objects = new FakeObjects(OBJECT);
    private final FakeClaims claims = new FakeClaims();
    private final FakePods pods = new FakePods();
    private final Unmetered meter = new Unmetered();

    @AfterEach
    void stop() {
        temporal.close();
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                row(
                        "a login that is refused names its secrets",
                        ends(FailureReason.UNAUTHORIZED, "expected status code 200, got 401"),
                        "Error",
                        "UNAUTHORIZED",
                        "got 401",
                        "secret vms/login",
                        "secret vms/token"),
                row(
                        "an authority that is not trusted names the ConfigMap",
                        ends(FailureReason.CERTIFICATE, "the certificate of images is not trusted"),
                        "Error",
                        "CERTIFICATE",
                        "not trusted",
                        "ConfigMap vms/authorities"),
                row(
                        "a secret without its keys is named",
                        ends(FailureReason.BAD_PLAN, "Expected the file accessKeyId in /etc/dvflow/credentials"),
                        "Error",
                        "BAD_PLAN",
                        "accessKeyId",
                        "secret vms/login"),
                row(
                        "an image that does not fit gives both numbers",
                        ends(
                                FailureReason.TOO_SMALL,
                                "virtual image size 2147483648 is larger than the reported available storage 1073741824"),
                        "Error",
                        "TOO_SMALL",
                        "DataVolume too small to contain image",
                        "2147483648",
                        "1073741824"),
                row(
                        "an address that is not there",
                        ends(
                                FailureReason.NOT_FOUND,
                                "expected status code 200, got 404 (https://images/fedora.qcow2)"),
                        "Error",
                        "NOT_FOUND",
                        "https://images/fedora.qcow2"),
                row(
                        "a disk that does not keep what is written",
                        ends(FailureReason.VERIFY_FAILED, "verification failed: at byte 4711"),
                        "Error",
                        "VERIFY_FAILED",
                        "at byte 4711"),
                row(
                        "too little memory",
                        pods -> pods.onCreate(kubelet -> kubelet.end(137, "OOMKilled", "")),
                        "Error",
                        "OUT_OF_MEMORY",
                        "podResourceRequirements"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void aPodThatFailed(String name, Consumer<FakePods> given, String reason, String cause, List<String> words) {
        given.accept(pods);

        fails();

        assertShown(reason, words);
        assertThat(meter.heard).containsExactly("http failed " + cause);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MountVolume.SetUp failed for volume \"credentials\" : secret \"login\" not found"
                        + "| Secret vms/login does not exist",
                "MountVolume.SetUp failed for volume \"certificates\" : configmap \"authorities\" not found"
                        + "| ConfigMap vms/authorities does not exist",
                "MountVolume.SetUp failed for volume \"headers-0\" : object \"vms\"/\"token\" not registered"
                        + "| cannot mount volume headers-0",
                "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) vm-1"
                        + "| already used by pod(s) vm-1",
            })
    void aPodThatWaitsForSomethingItMounts(String event, String words) {
        pods.onCreate(kubelet -> {
            kubelet.waiting("ContainerCreating", null);
            kubelet.complainOfMounts(event);
        });

        fails();

        assertShown("FailedMount", List.of(words));
        assertThat(objects.status().restartCount()).as("nothing has failed yet").isZero();
    }

    @ParameterizedTest
    @CsvSource({"pods", "requests.storage"})
    void aQuotaIsNamed(String resource) {
        var answer = new KubernetesClientException(
                "pods \"importer-fedora\" is forbidden: exceeded quota: small-team, requested: " + resource
                        + "=1, used: " + resource + "=5, limited: " + resource + "=5",
                403,
                null);
        pods.failNextCreate(KubernetesCalls.troubleOf("creating transfer pod vms/importer-fedora", answer));

        fails();

        assertShown("ErrExceededQuota", List.of("exceeded quota", "resource quota small-team", resource));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{http: {url: 'https://images/a', secretRef: login}} | 401",
                "{http: {url: 'https://images/a', secretRef: login}} | 403",
                "{http: {url: 'https://images/a', secretExtraHeaders: [login]}} | 401",
                "{http: {url: 'https://images/a', secretExtraHeaders: [login]}} | 403",
                "{s3: {url: 'https://s3/b/a', secretRef: login}} | 401",
                "{s3: {url: 'https://s3/b/a', secretRef: login}} | 403",
                "{gcs: {url: 'gs://b/a', secretRef: login}} | 401",
                "{gcs: {url: 'gs://b/a', secretRef: login}} | 403",
                "{registry: {url: 'docker://images/a', secretRef: login}} | 401",
                "{registry: {url: 'docker://images/a', secretRef: login}} | 403",
                "{imageio: {url: 'https://engine/ovirt-engine/api', diskId: d, secretRef: login}} | 401",
                "{imageio: {url: 'https://engine/ovirt-engine/api', diskId: d, secretRef: login}} | 403",
                "{vddk: {url: 'https://vcenter', uuid: u, backingFile: f, thumbprint: 'AA:BB', secretRef: login,"
                        + " initImageURL: 'vddk:8'}} | 401",
                "{vddk: {url: 'https://vcenter', uuid: u, backingFile: f, thumbprint: 'AA:BB', secretRef: login,"
                        + " initImageURL: 'vddk:8'}} | 403",
            })
    void whateverRefusesALoginItsSecretIsNamed(String source, int status) {
        from(source);
        ends(FailureReason.UNAUTHORIZED, "the server answered " + status).accept(pods);

        fails();

        assertShown("Error", List.of("the server answered " + status, "secret vms/login"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{http: {url: 'https://images/a'}}",
                "{s3: {url: 'https://s3/b/a'}}",
                "{gcs: {url: 'gs://b/a'}}",
                "{registry: {url: 'docker://images/a'}}",
            })
    void whereNoSecretIsNamedNoneIsMadeUp(String source) {
        from(source);
        ends(FailureReason.UNAUTHORIZED, "got 401. Name a secret in secretRef").accept(pods);

        fails();

        assertThat(OwnedStatus.aspect(objects.status(), "Running").orElseThrow().message())
                .isEqualTo("got 401. Name a secret in secretRef");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized",
                "unexpected status from HEAD request to https://quay.io/v2/disks/manifests/1: 403 Forbidden",
                "pull access denied, repository does not exist or may require authorization",
                "unable to retrieve auth token: invalid username/password: unauthorized: bad login",
            })
    void anImageThatTheNodeMayNotPullNamesTheSecret(String said) {
        from("{registry: {url: 'docker://quay.io/disks:1', pullMethod: node, secretRef: login}}");
        pods.onCreate(kubelet -> kubelet.failPull("quay.io/disks:1", said));

        fails();

        assertShown(
                "ImagePullFailed",
                List.of(
                        "failed to pull image: quay.io/disks:1 (" + said + ")",
                        "secret vms/login",
                        "dockerconfigjson"));
    }

    @Test
    void anImageThatTheNodeMayNotPullWithoutASecretNamesWhereOneBelongs() {
        from("{registry: {url: 'docker://quay.io/disks:1', pullMethod: node}}");
        pods.onCreate(kubelet -> kubelet.failPull("quay.io/disks:1", "401 Unauthorized"));

        fails();

        assertShown(
                "ImagePullFailed",
                List.of("failed to pull image: quay.io/disks:1 (401 Unauthorized)", "in the source's secretRef"));
    }

    @Test
    void anImageThatIsNotThereHasNothingToDoWithALogin() {
        from("{registry: {url: 'docker://quay.io/disks:1', pullMethod: node, secretRef: login}}");
        pods.onCreate(kubelet -> kubelet.failPull("quay.io/disks:1", "quay.io/disks:1: not found"));

        fails();

        assertThat(OwnedStatus.aspect(objects.status(), "Running").orElseThrow().message())
                .isEqualTo("failed to pull image: quay.io/disks:1 (quay.io/disks:1: not found)");
    }

    private void from(String source) {
        objects.change(object -> object.setSpec(Given.yaml(
                "source: " + source + "\nstorage: {resources: {requests: {storage: 1Gi}}}", DataVolumeSpec.class)));
    }

    private static Arguments row(String name, Consumer<FakePods> given, String reason, String cause, String... words) {
        return arguments(name, given, reason, cause, List.of(words));
    }

    private static Consumer<FakePods> ends(FailureReason reason, String message) {
        return pods -> pods.onCreate(kubelet -> kubelet.end(
                1, new TransferOutcome.Failed(reason.usualClass(), reason, message, Optional.empty(), List.of())));
    }

    private void fails() {
        claims.put(ClaimBuilder.target(OBJECT, PLAN));
        var status = new StatusWriter(objects, objects, Clock.systemUTC());
        var activities = Activities.of(
                temporal,
                TransferActivities.class,
                new TransferActivitiesImpl(
                        new TransferActivitiesImpl.Doors(status, claims, pods, objects, meter),
                        () -> new PodSettings(
                                "transfer:1", "IfNotPresent", Optional.empty(), List.of(), Optional.empty(), List.of()),
                        new TransferTimings(
                                Duration.ofMillis(20),
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ofMillis(300),
                                Duration.ofSeconds(1)),
                        Clock.systemUTC()));
        assertThat(catchThrowableOfType(
                        ActivityFailure.class, () -> activities.transfer(Given.REF, PLAN, TransferProgress.NONE)))
                .isNotNull();
    }

    private void assertShown(String reason, List<String> words) {
        Aspect running = OwnedStatus.aspect(objects.status(), "Running").orElseThrow();
        assertThat(running.reason()).isEqualTo(reason);
        assertThat(running.message()).contains(words);
        assertThat(objects.events())
                .filteredOn(note -> note.severity() == EventNote.Severity.WARNING)
                .filteredOn(note -> note.reason().equals(reason))
                .extracting(EventNote::message)
                .as("event on the DataVolume")
                .contains(running.message());
    }
}
