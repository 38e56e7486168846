package io.dvflow.dataplane.source.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.report.TransferFailure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as people write them, and what everybody's tools take them for. */
class ImageReferenceTest {

    private static final String DIGEST = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @ParameterizedTest
    @CsvSource({
        "fedora, registry-1.docker.io, library/fedora, latest",
        "fedora:41, registry-1.docker.io, library/fedora, 41",
        "kubevirt/fedora, registry-1.docker.io, kubevirt/fedora, latest",
        "docker.io/fedora, registry-1.docker.io, library/fedora, latest",
        "index.docker.io/a/b:c, registry-1.docker.io, a/b, c",
        "quay.io/containerdisks/fedora:40, quay.io, containerdisks/fedora, 40",
        "localhost/disk, localhost, disk, latest",
        "registry:5000/disk, registry:5000, disk, latest",
        "10.0.0.1:5000/a/b/c:v1.0_x, 10.0.0.1:5000, a/b/c, v1.0_x",
        "[::1]:5000/disk:x, [::1]:5000, disk, x",
        "Registry/disk, Registry, disk, latest"
    })
    void defaultsAreDockers(String written, String server, String repository, String manifest) {
        ImageReference reference = ImageReference.parse("docker://" + written);

        assertThat(reference.server()).isEqualTo(server);
        assertThat(reference.repository()).isEqualTo(repository);
        assertThat(reference.manifest()).isEqualTo(manifest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"quay.io/a/b@" + DIGEST, "quay.io/a/b:tag@" + DIGEST})
    void aDigestCountsMoreThanATag(String written) {
        ImageReference reference = ImageReference.parse("docker://" + written);

        assertThat(reference.manifest()).isEqualTo(DIGEST);
        assertThat(reference).hasToString("docker://quay.io/a/b@" + DIGEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://quay.io/a",
                "docker://",
                "docker://quay.io/",
                "docker://quay.io/A",
                "docker://quay.io/a//b",
                "docker://quay.io/../a",
                "docker://quay.io/a:",
                "docker://quay.io/a:b c",
                "docker://user:secret@quay.io/a",
                "docker://quay.io/a?b=c",
                "docker://quay.io:port/a",
                "docker://quay.io/a@sha256:abc",
                "docker://quay.io/a@md5:d41d8cd98f00b204e9800998ecf8427e"
            })
    void whatIsNoImageIsRefused(String url) {
        assertThatThrownBy(() -> ImageReference.parse(url))
                .isInstanceOf(TransferFailure.class)
                .hasMessageContaining("expected");
    }
}
