package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.http.TestAuthority;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries are spoken to by TLS, unless administrators have said otherwise. */
class RegistryTlsTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    static Path authorityDirectory;

    private static Path certificates;
    private static SSLContext identity;

    @TempDir
    Path volume;

    @BeforeAll
    static void makeAuthority() throws IOException, GeneralSecurityException {
        TestAuthority authority = new TestAuthority(authorityDirectory);
        certificates = authority.certificates();
        identity = authority.server("ip:127.0.0.1");
    }

    @Test
    void aPrivateAuthorityIsBelievedIfItIsNamed() {
        try (FaultRegistry registry = registry(ServerOptions.defaults().tls(identity))) {
            TransferOutcome named = run(registry, Optional.of(certificates), false);
            TransferOutcome unnamed = run(registry, Optional.empty(), false);

            assertThat(named).isInstanceOf(TransferOutcome.Complete.class);
            assertThat(unnamed).isInstanceOfSatisfying(Failed.class, failed -> {
                assertThat(failed.reason()).isEqualTo(FailureReason.CERTIFICATE);
                assertThat(failed.message()).contains("certConfigMap").contains("insecureRegistries");
            });
        }
    }

    @Test
    void anInsecureRegistryMayHaveAnyCertificate() {
        try (FaultRegistry registry = registry(ServerOptions.defaults().tls(identity))) {
            assertThat(run(registry, Optional.empty(), true)).isInstanceOf(TransferOutcome.Complete.class);
        }
    }

    @Test
    void plainHttpIsForInsecureRegistriesAlone() {
        try (FaultRegistry registry = registry(ServerOptions.defaults())) {
            TransferOutcome insecure = run(registry, Optional.empty(), true);
            TransferOutcome secure = run(registry, Optional.empty(), false);

            assertThat(insecure).isInstanceOf(TransferOutcome.Complete.class);
            assertThat(secure).isInstanceOf(Failed.class);
        }
    }

    private static FaultRegistry registry(ServerOptions options) {
        return new FaultRegistry(options)
                .push(
                        new ContainerImage()
                                .layer(
                                        new TestTar()
                                                .file("disk/a", new byte[SIZE])
                                                .end(),
                                        Packing.PLAIN),
                        "v1");
    }

    private TransferOutcome run(FaultRegistry registry, Optional<Path> authorities, boolean insecure) {
        TransferSource.Registry source = new TransferSource.Registry(
                registry.url("v1"),
                Optional.empty(),
                authorities.map(Path::toString),
                Optional.empty(),
                insecure,
                Optional.empty());
        return new Rig().run(Rig.plan(source, Rig.file(volume), SIZE));
    }
}
