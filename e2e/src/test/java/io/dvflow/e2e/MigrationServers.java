package io.dvflow.e2e;

import static io.dvflow.e2e.MigrationExamples.ARGUMENTS;
import static io.dvflow.e2e.MigrationExamples.FROM_OVIRT;
import static io.dvflow.e2e.MigrationExamples.FROM_VMWARE;
import static io.dvflow.e2e.MigrationExamples.WITH_ARGUMENTS_BY_FIELD;
import static io.dvflow.e2e.MigrationExamples.read;
import static io.dvflow.e2e.MigrationExamples.sourceOf;
import static io.dvflow.e2e.MigrationExamples.withoutDataVolume;

import io.dvflow.e2e.TestCluster.Command;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.PemIdentity;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.hypervisors.ImageIoDaemon;
import io.dvflow.testbed.hypervisors.OvirtHost;
import io.dvflow.testbed.hypervisors.StandInEngine;
import io.dvflow.testbed.hypervisors.StandInVSphere;
import io.dvflow.testbed.hypervisors.StandInVddk;
import io.dvflow.testbed.objects.Relay;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Stands in for the oVirt and the VMware that the examples name, from this machine's address and with TLS: the real
 * ovirt-imageio behind a stand-in of the engine; a stand-in of vCenter, with disks behind an HTTP server, which the real nbdkit
 * in the pod reads through a stand-in of the VDDK library.
 */
final class MigrationServers implements AutoCloseable {

    /** Of oVirt: as it is now, with three snapshots. */
    static final String DISK = "1a2b3c4d-0000-4000-8000-123456789abc";

    static final String RAW_DISK = "2b3c4d5e-0000-4000-8000-123456789abc";

    private static final String SNAPSHOT = "%08d-0000-4000-8000-123456789abc";
    private static final String FIRST_SNAPSHOT_OF_EXAMPLE = "5e6f7a8b-0000-4000-8000-123456789abc";

    private final String host = TestCluster.get().hostAddress();
    private final Path directory;
    private final MigratedDisk disk;
    private final ImageIoDaemon daemon;
    private final OvirtHost ovirtHost;
    private final Relay relay;
    private final StandInEngine engine;
    private final StandInVSphere vsphere;
    private final FaultServer esxi;
    private final ImageRegistry registry;
    private Resource now;
    private final Map<Integer, Resource> snapshots = new LinkedHashMap<>();
    private final Map<String, String> standIns = new LinkedHashMap<>();

    MigrationServers(Path directory, MigratedDisk disk) throws IOException, GeneralSecurityException {
        this.directory = directory;
        this.disk = disk;
        Path key = directory.resolve("hypervisors.key");
        Path certificate = directory.resolve("hypervisors.pem");
        Certificate known = makeIdentity(key, certificate);
        SSLContext identity = PemIdentity.load(certificate, key);

        daemon =
                ImageIoDaemon.startWithTls(subdirectory("imageio"), host, new ImageIoDaemon.Identity(certificate, key));
        ovirtHost = new OvirtHost(daemon, directory, disk.bytes());
        relay = Relay.to(host, daemon.port());
        engine = StandInEngine.startWithTls(host, identity, ovirtHost);
        engine.direct = url -> url.replace(":" + daemon.port() + "/", ":" + relay.port() + "/");
        lend();

        vsphere = StandInVSphere.startWithTls(host, identity);
        esxi = FaultServer.start(ServerOptions.defaults().bind(host, 0));
        serve();
        registry = ImageRegistry.insecure(subdirectory("vddk-registry"));
        Path library = subdirectory("vddk-library");
        registry.pushProgram("vddk:8", library, StandInVddk.build(library, host + ":" + esxi.port()));
        nameStandIns(known);
    }

    /** The manifest with every server, login and disk in it replaced, and small volumes. */
    String onTheseServers(String manifest) {
        String replaced = manifest;
        for (Map.Entry<String, String> standIn : standIns.entrySet()) {
            replaced = replaced.replace(standIn.getKey(), standIn.getValue());
        }
        return replaced;
    }

    /** The disk, for one import at a time: the engine lends it to one. What it holds is all that is fetched. */
    Served fromOvirt() {
        return served(read(FROM_OVIRT), read(FROM_OVIRT), disk.layer(1).toFile().length(), Tap.at(relay));
    }

    /**
     * The disk of a machine that is off and whose changes are counted, so that it can be recognized; for one import at a time.
     * All of it is fetched, as the stand-in's library calls all of it allocated.
     */
    Served fromVmware() {
        vsphere.powerState = "poweredOff";
        vsphere.changeIdNow = StandInVSphere.CHANGE_ID;
        return served(
                read(WITH_ARGUMENTS_BY_FIELD),
                read(FROM_VMWARE) + "---\n" + read(ARGUMENTS),
                disk.bytes(),
                Tap.at(now));
    }

    private Served served(String example, String named, long length, Tap tap) {
        String alongside = onTheseServers(withoutDataVolume(named));
        return new Served(
                onTheseServers(sourceOf(example)),
                length,
                tap,
                TestCluster.get()
                        .kubernetes()
                        .load(new ByteArrayInputStream(alongside.getBytes(StandardCharsets.UTF_8)))
                        .items());
    }

    /** As the engine knows it; as VMware does, they are called {@code snapshot-1} and so on. */
    static String ovirtSnapshot(int number) {
        return SNAPSHOT.formatted(number);
    }

    /** What the stand-in of the ESXi host serves for a snapshot. */
    Resource snapshotOfVmware(int number) {
        return snapshots.get(number);
    }

    /** Image transfers that nobody has ended. */
    int lentDisks() {
        return engine.open().size();
    }

    /** Sessions that nobody has closed. */
    int openSessions() {
        return vsphere.openSessions();
    }

    @Override
    public void close() {
        registry.close();
        esxi.close();
        vsphere.close();
        engine.close();
        relay.close();
        ovirtHost.close();
        daemon.close();
    }

    private void lend() {
        engine.addDisk(DISK, "the-active-image");
        ovirtHost.serves(DISK, disk.layer(1));
        for (int number = 1; number <= 3; number++) {
            Optional<String> before = number == 1 ? Optional.empty() : Optional.of(ovirtSnapshot(number - 1));
            engine.addSnapshot(DISK, ovirtSnapshot(number), before);
            ovirtHost.serves(ovirtSnapshot(number), disk.layer(number));
        }
        engine.addDisk(RAW_DISK, "the-active-image");
        Path raw = directory.resolve("disk-of-ovirt.raw");
        Command.run("cp", "--sparse=always", disk.raw(1).toString(), raw.toString());
        ovirtHost.serves(RAW_DISK, raw);
    }

    private void serve() {
        vsphere.capacity = disk.bytes();
        now = esxi.add(StandInVddk.pathOf("now", StandInVSphere.DISK), ResourceSpec.of(disk.raw(1)));
        for (int number = 1; number <= 3; number++) {
            String path = StandInVddk.pathOf("snapshot-" + number, StandInVSphere.fileOfSnapshot(number));
            snapshots.put(number, esxi.add(path, ResourceSpec.of(disk.raw(number))));
            vsphere.changes(number, disk.changes(number));
        }
    }

    private void nameStandIns(Certificate certificate) throws GeneralSecurityException {
        byte[] encoded = certificate.getEncoded();
        standIns.put("https://engine.example.com/ovirt-engine/api", engine.url());
        standIns.put("THE CERTIFICATE", Base64.getEncoder().encodeToString(encoded));
        standIns.put(login("admin@internal", "password"), login(StandInEngine.USER, quoted(StandInEngine.PASSWORD)));
        standIns.put(FIRST_SNAPSHOT_OF_EXAMPLE, ovirtSnapshot(1));
        standIns.put("https://vcenter.example.com", vsphere.url());
        standIns.put(
                login("administrator@vsphere.local", "password"),
                login(StandInVSphere.USER, quoted(StandInVSphere.PASSWORD)));
        standIns.put("52260566-b032-36cb-55b1-79bf29e30490", StandInVSphere.UUID);
        standIns.put("[datastore1] fedora/fedora.vmdk", StandInVSphere.DISK);
        standIns.put(
                "20:6C:8A:5D:44:40:B3:79:4B:28:EA:76:13:60:90:6E:49:D9:D9:A3",
                HexFormat.ofDelimiter(":")
                        .withUpperCase()
                        .formatHex(MessageDigest.getInstance("SHA-1").digest(encoded)));
        standIns.put("snapshot-101", "snapshot-1");
        standIns.put("snapshot-102", "snapshot-2");
        standIns.put("registry.example.com", registry.authority());
        standIns.put("storage: 20Gi", "storage: \"" + MigrationTest.DISK_BYTES + "\"");
    }

    private static String login(String user, String password) {
        return "accessKeyId: " + user + "\n  secretKey: " + password;
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private Certificate makeIdentity(Path key, Path certificate) throws IOException, GeneralSecurityException {
        Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=hypervisors",
                "-addext",
                "subjectAltName=IP:" + host,
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)));
    }

    private Path subdirectory(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }
}
