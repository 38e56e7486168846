package io.dvflow.dataplane.source.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.report.TransferFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpUrlTest {

    @Test
    void showsNeitherLoginNorQuery() {
        HttpUrl url = HttpUrl.parse("https://jane:pw@images.example:8443/a%20b/disk.img?X-Signature=abc#part");

        assertThat(url).hasToString("https://images.example:8443/a%20b/disk.img");
        assertThat(url.target()).isEqualTo("/a%20b/disk.img?X-Signature=abc");
        assertThat(url.userInfo()).contains("jane:pw");
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/a/b, /c, http://h/c",
        "http://h/a/b, c, http://h/a/c",
        "http://h/a/b, https://o:444/x, https://o:444/x",
        "https://h/a/b, //o/x, https://o/x",
        "http://[::1]:8080/a, /b, http://[::1]:8080/b",
        "http://h, x y, http://h/x%20y",
    })
    void resolvesRedirects(String base, String location, String expected) {
        assertThat(HttpUrl.parse(base).resolve(location)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://h/x", "/x", "http:///x", "", "http://h:port:x/", "file:///etc/passwd"})
    void refusesWhatIsNoHttpUrl(String text) {
        assertThatThrownBy(() -> HttpUrl.parse(text))
                .isInstanceOf(TransferFailure.class)
                .hasMessageContaining("Invalid source URL");
    }
}
