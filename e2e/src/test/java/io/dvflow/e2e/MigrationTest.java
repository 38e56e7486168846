package io.dvflow.e2e;

import static io.dvflow.e2e.MigrationExamples.ARGUMENTS;
import static io.dvflow.e2e.MigrationExamples.EVERYBODYS_LIBRARY;
import static io.dvflow.e2e.MigrationExamples.FROM_OVIRT;
import static io.dvflow.e2e.MigrationExamples.FROM_VMWARE;
import static io.dvflow.e2e.MigrationExamples.WARM_FROM_OVIRT;
import static io.dvflow.e2e.MigrationExamples.WARM_FROM_VMWARE;
import static io.dvflow.e2e.MigrationExamples.WITH_ARGUMENTS_BY_ANNOTATION;
import static io.dvflow.e2e.MigrationExamples.WITH_ARGUMENTS_BY_FIELD;
import static io.dvflow.e2e.MigrationExamples.onlyDataVolume;
import static io.dvflow.e2e.MigrationExamples.read;
import static io.dvflow.e2e.MigrationExamples.withoutDataVolume;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.hypervisors.StandInVddk;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** Disks of oVirt and VMware come over whole, at once or checkpoint by checkpoint, as the examples say. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class MigrationTest {

    static final long DISK_BYTES = 64 << 20;

    private static final String COPIED = "cdi.kubevirt.io/storage.checkpoint.copied.";

    @TempDir
    static Path directory;

    private static MigratedDisk disk;
    private static MigrationServers servers;

    @BeforeAll
    static void serve() throws IOException, GeneralSecurityException {
        disk = new MigratedDisk(new SourceImages(directory), 48 << 20, 31);
        servers = new MigrationServers(directory, disk);
        TestCluster.get()
                .kubernetes()
                .load(stream(servers.onTheseServers(read(EVERYBODYS_LIBRARY))))
                .serverSideApply();
    }

    @AfterAll
    static void stopServing() {
        TestCluster.get().kubernetes().load(stream(read(EVERYBODYS_LIBRARY))).delete();
        if (servers != null) {
            servers.close();
        }
    }

    @Test
    void everyExampleIsTried() throws IOException {
        try (Stream<Path> files = Files.list(MigrationExamples.DIRECTORY)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            FROM_OVIRT,
                            WARM_FROM_OVIRT,
                            FROM_VMWARE,
                            WARM_FROM_VMWARE,
                            ARGUMENTS,
                            EVERYBODYS_LIBRARY,
                            WITH_ARGUMENTS_BY_ANNOTATION,
                            WITH_ARGUMENTS_BY_FIELD);
        }
    }

    @Test
    void disksOfOvirtComeWholeIntoFilesAndDevices() {
        try (var namespace = new TestNamespace("ovirt")) {
            String manifest = read(FROM_OVIRT);
            DataVolume intoFile = namespace.applyAll(servers.onTheseServers(manifest));
            DataVolume intoDevice = namespace.apply(servers.onTheseServers(onlyDataVolume(into("Block", manifest))
                    .replace("name: from-ovirt", "name: raw-from-ovirt")
                    .replace(MigrationServers.DISK, MigrationServers.RAW_DISK)));

            for (DataVolume made : List.of(intoFile, intoDevice)) {
                namespace.awaitPhase(made.getMetadata().getName(), DataVolumePhase.SUCCEEDED);
                assertHolds(namespace, made, 1);
            }
            assertThat(servers.lentDisks()).isZero();
        }
    }

    @Test
    void disksOfVmwareComeWholeWhoeverNamesTheLibrary() {
        try (var namespace = new TestNamespace("vmware")) {
            List<DataVolume> all = new ArrayList<>();
            all.add(namespace.applyAll(servers.onTheseServers(read(FROM_VMWARE) + "---\n" + read(ARGUMENTS))));
            for (String example : List.of(WITH_ARGUMENTS_BY_ANNOTATION, WITH_ARGUMENTS_BY_FIELD)) {
                all.add(namespace.apply(servers.onTheseServers(read(example))));
            }

            for (DataVolume made : all) {
                namespace.awaitPhase(made.getMetadata().getName(), DataVolumePhase.SUCCEEDED);
                assertHolds(namespace, made, 1);
                assertThat(annotationsOf(namespace, made))
                        .containsEntry("cdi.kubevirt.io/storage.pod.vddk.version", StandInVddk.VERSION)
                        .containsEntry("cdi.kubevirt.io/storage.pod.vddk.host", StandInVddk.HOST);
            }
            assertThat(servers.openSessions()).isZero();
        }
    }

    @Test
    void checkpointsOfOvirtComeOneAfterTheOther() {
        try (var namespace = new TestNamespace("warm-ovirt")) {
            DataVolume made = namespace.applyAll(
                    servers.onTheseServers(withoutDataVolume(read(FROM_OVIRT)) + "---\n" + read(WARM_FROM_OVIRT)));
            String first = MigrationServers.ovirtSnapshot(1);
            String second = MigrationServers.ovirtSnapshot(2);
            String third = MigrationServers.ovirtSnapshot(3);

            awaitCopied(namespace, made, first);
            setCheckpoints(namespace, made, false, first, second);
            awaitCopied(namespace, made, second);
            setCheckpoints(namespace, made, true, first, second, third);

            DataVolume done = assertAllCopied(namespace, made, first, second, third);
            Leftovers.assertNone(namespace, TestNamespace.refOf(done), "Secret/ovirt-login", "ConfigMap/ovirt-ca");
            assertThat(servers.lentDisks()).isZero();
        }
    }

    @Test
    void allCheckpointsOfVmwareMayBeThereFromTheStart() {
        try (var namespace = new TestNamespace("cold-vmware")) {
            DataVolume made = namespace.applyAll(
                    servers.onTheseServers(withoutDataVolume(read(FROM_VMWARE)) + "---\n" + read(WARM_FROM_VMWARE)));

            assertAllCopied(namespace, made, "snapshot-1", "snapshot-2");
        }
    }

    @Test
    void aCheckpointIsTakenUpAfterItsPodWasKilled() {
        try (var namespace = new TestNamespace("warm-vmware")) {
            String manifest = into(
                    "Block", withoutDataVolume(read(FROM_VMWARE)) + "---\n" + oneCheckpointOf(read(WARM_FROM_VMWARE)));
            DataVolume made = namespace.applyAll(servers.onTheseServers(manifest));
            awaitCopied(namespace, made, "snapshot-1");
            var source = servers.snapshotOfVmware(2);
            // Opening it passes; the first read of changes does not.
            source.faults(Fault.of(Fault.Kind.GATE).afterBytes(64 << 10));
            setCheckpoints(namespace, made, false, "snapshot-1", "snapshot-2");
            TestWaits.until("the second stage reads", () -> source.stats().held() > 0);

            try {
                Victim.killProcessesOf(podsOf(namespace, made).getFirst());
            } finally {
                source.faults();
            }

            awaitCopied(namespace, made, "snapshot-2");
            setCheckpoints(namespace, made, true, "snapshot-1", "snapshot-2", "snapshot-3");
            DataVolume done = assertAllCopied(namespace, made, "snapshot-1", "snapshot-2", "snapshot-3");
            assertThat(done.getStatus().restartCount()).isEqualTo(1);
            Leftovers.assertNone(namespace, TestNamespace.refOf(done), "Secret/vsphere-login");
        }
    }

    /** Between stages nothing runs, and the claim says what it holds. */
    private static void awaitCopied(TestNamespace namespace, DataVolume made, String checkpoint) {
        TestWaits.until(
                checkpoint + " is copied", () -> annotationsOf(namespace, made).containsKey(COPIED + checkpoint));
        namespace.awaitPhase(made.getMetadata().getName(), DataVolumePhase.PAUSED);
        assertThat(annotationsOf(namespace, made)).doesNotContainKey("cdi.kubevirt.io/storage.checkpoint.done");
    }

    /** Returns what the object says at the end. */
    private static DataVolume assertAllCopied(TestNamespace namespace, DataVolume made, String... checkpoints) {
        DataVolume done = namespace.awaitPhase(made.getMetadata().getName(), DataVolumePhase.SUCCEEDED);
        Map<String, String> annotations = annotationsOf(namespace, made);
        assertThat(annotations).containsEntry("cdi.kubevirt.io/storage.checkpoint.done", "true");
        assertThat(Stream.of(checkpoints).map(each -> annotations.get(COPIED + each)))
                .as("a pod for each checkpoint")
                .doesNotContainNull()
                .doesNotHaveDuplicates();
        assertHolds(namespace, made, checkpoints.length);
        return done;
    }

    private static void assertHolds(TestNamespace namespace, DataVolume made, int snapshot) {
        var volume = new Volume(
                namespace.name(),
                made.getMetadata().getName(),
                "Block".equals(made.getSpec().storage().volumeMode()));
        volume.startReader(directory, disk.expected(snapshot, DISK_BYTES));
        volume.awaitSame(DISK_BYTES);
    }

    private static void setCheckpoints(TestNamespace namespace, DataVolume made, boolean last, String... checkpoints) {
        String previous = "";
        StringBuilder list = new StringBuilder();
        for (String checkpoint : checkpoints) {
            list.append(list.isEmpty() ? "" : ",")
                    .append("{\"current\":\"" + checkpoint + "\",\"previous\":\"" + previous + "\"}");
            previous = checkpoint;
        }
        namespace
                .dataVolume(made.getMetadata().getName())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"finalCheckpoint\":" + last + ",\"checkpoints\":[" + list + "]}}");
    }

    private static String oneCheckpointOf(String manifest) {
        return manifest.replace("finalCheckpoint: true", "finalCheckpoint: false")
                .replace("    - current: snapshot-102\n      previous: snapshot-101\n", "");
    }

    private static String into(String volumeMode, String manifest) {
        return manifest.replace("  storage:\n", "  storage:\n    volumeMode: " + volumeMode + "\n");
    }

    private static Map<String, String> annotationsOf(TestNamespace namespace, DataVolume made) {
        return claimOf(namespace, made).getMetadata().getAnnotations();
    }

    private static PersistentVolumeClaim claimOf(TestNamespace namespace, DataVolume made) {
        var claim = TestCluster.get()
                .kubernetes()
                .persistentVolumeClaims()
                .inNamespace(namespace.name())
                .withName(made.getMetadata().getName());
        TestWaits.until("the claim is there", () -> claim.get() != null);
        return claim.get();
    }

    private static List<Pod> podsOf(TestNamespace namespace, DataVolume made) {
        return TestCluster.get()
                .kubernetes()
                .pods()
                .inNamespace(namespace.name())
                .withLabel("dvflow.io/datavolume-uid", made.getMetadata().getUid())
                .withField("status.phase", "Running")
                .list()
                .getItems();
    }

    private static ByteArrayInputStream stream(String manifest) {
        return new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8));
    }
}
