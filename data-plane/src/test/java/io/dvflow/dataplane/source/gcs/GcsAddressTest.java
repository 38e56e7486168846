package io.dvflow.dataplane.source.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.report.TransferFailure;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All ways to name an object lead to one way to ask for it. */
class GcsAddressTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gs://b/disk.img | https://storage.googleapis.com/b/disk.img",
                "gs://b/a dir/100%25?.img | https://storage.googleapis.com/b/a%20dir/100%2525%3F.img",
                "https://storage.googleapis.com/b/a%20dir/d.img | https://storage.googleapis.com/b/a%20dir/d.img",
                "https://storage.googleapis.com/b/a+b.img | https://storage.googleapis.com/b/a%2Bb.img",
                "https://storage.cloud.google.com/b/d.img | https://storage.googleapis.com/b/d.img",
                "https://b.storage.googleapis.com/d.img | https://b.storage.googleapis.com/d.img",
                "https://storage.googleapis.com/storage/v1/b/b/o/a%2Fd.img?alt=media"
                        + " | https://storage.googleapis.com/b/a/d.img",
                "https://storage.googleapis.com/download/storage/v1/b/b/o/d.img?alt=media"
                        + " | https://storage.googleapis.com/b/d.img",
                "http://emulator:4443/storage/v1/b/b/o/d.img?alt=media | http://emulator:4443/b/d.img",
            })
    void asksForTheObjectItself(String given, String asked) {
        assertThat(GcsAddress.parse(given, Map.of()).url()).hasToString(asked);
    }

    @Test
    void aGenerationIsKept() {
        var api = "https://storage.googleapis.com/storage/v1/b/b/o/d.img?alt=media&generation=17&userProject=p";

        assertThat(GcsAddress.parse(api, Map.of()).url().query()).contains("generation=17");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:4443, http://localhost:4443/b/d",
        "https://emulator, https://emulator/b/d",
    })
    void anEmulatorStandsInForGoogle(String host, String asked) {
        GcsAddress address = GcsAddress.parse("gs://b/d", Map.of("STORAGE_EMULATOR_HOST", host));

        assertThat(address.url()).hasToString(asked);
        assertThat(address.google()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "gs://b/d, true",
        "https://storage.googleapis.com/b/d, true",
        "https://b.storage.googleapis.com/d, true",
        "https://storage.cloud.google.com/b/d, true",
        "http://storage.googleapis.com/b/d, false",
        "https://storage.googleapis.com.example/b/d, false",
        "https://evilstorage.googleapis.com/b/d, false",
        "https://elsewhere/b/d, false",
    })
    void knowsGoogle(String url, boolean google) {
        assertThat(GcsAddress.parse(url, Map.of()).google()).isEqualTo(google);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gs://b", "gs://b/", "https://storage.googleapis.com/b", "ftp://b/k", "b/k"})
    void refusesWhatNamesNoObject(String text) {
        assertThatThrownBy(() -> GcsAddress.parse(text, Map.of()))
                .isInstanceOf(TransferFailure.class)
                .hasMessageContaining("Invalid source URL");
    }
}
