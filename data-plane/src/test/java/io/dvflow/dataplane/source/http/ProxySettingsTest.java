package io.dvflow.dataplane.source.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxySettingsTest {

    private static final ProxySettings SETTINGS = ProxySettings.of(Map.of(
            "http_proxy", "plain.proxy:3128",
            "HTTPS_PROXY", "http://tls.proxy:3129",
            "NO_PROXY", "exact.example"));

    @ParameterizedTest
    @CsvSource({
        "http://anywhere/x, http://plain.proxy:3128/",
        "https://anywhere/x, http://tls.proxy:3129/",
        "http://exact.example/x,",
        "http://localhost/x,",
        "http://127.0.0.1/x,",
        "https://[::1]/x,",
    })
    void followsTheEnvironment(String url, String expected) {
        assertThat(SETTINGS.proxyFor(HttpUrl.parse(url)).map(HttpUrl::shown).orElse(null))
                .isEqualTo(expected);
    }

    /** The rules of Go's {@code golang.org/x/net/http/httpproxy}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bare.example           | http://bare.example/x        | true",
                "bare.example           | http://a.bare.example/x      | true",
                "bare.example           | http://notbare.example/x     | false",
                "BARE.example           | http://Bare.Example/x        | true",
                ".suffix.example        | http://a.suffix.example/x    | true",
                ".suffix.example        | http://suffix.example/x      | false",
                "*.suffix.example       | http://a.b.suffix.example/x  | true",
                "*.suffix.example       | http://suffix.example/x      | false",
                "port.example:8080      | http://port.example:8080/x   | true",
                "port.example:8080      | http://a.port.example:8080/x | true",
                "port.example:8080      | http://port.example:8081/x   | false",
                "port.example:443       | https://port.example/x       | true",
                "10.0.0.0/8             | http://10.20.30.40/x         | true",
                "10.0.0.0/8             | http://11.20.30.40/x         | false",
                "10.0.0.0/8             | http://10.example/x          | false",
                "10.1.2.3               | http://10.1.2.3:5000/x       | true",
                "10.1.2.3:80            | http://10.1.2.3/x            | true",
                "10.1.2.3:80            | https://10.1.2.3/x           | false",
                "fd00::/8               | http://[fd12::1]/x           | true",
                "fd00::/8               | http://[fe80::1]/x           | false",
                "fd12::1                | http://[fd12:0:0::1]/x       | true",
                "[fd12::1]:80           | http://[fd12::1]/x           | true",
                "[fd12::1]:80           | https://[fd12::1]/x          | false",
                "'a.example, b.example' | http://b.example/x           | true",
                "*                      | http://anywhere/x            | true",
                "'.,:80,10.0.0.0/33,/8' | http://10.1.2.3/x            | false",
            })
    void exceptsAsGoDoes(String list, String url, boolean excepted) {
        assertThat(NoProxy.of(list).excepts(HttpUrl.parse(url))).isEqualTo(excepted);
    }

    @Test
    void aLoginMayStandInAFile(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("https"), "me:p%40ss\n");

        ProxySettings settings = ProxySettings.of(Map.of(
                "http_proxy", "http://proxy:3128",
                "https_proxy", "http://proxy:3128",
                "DVFLOW_PROXY_LOGINS", directory.toString()));

        assertThat(settings.proxyFor(HttpUrl.parse("https://a/")).flatMap(HttpUrl::userInfo))
                .contains("me:p%40ss");
        assertThat(settings.proxyFor(HttpUrl.parse("http://a/")).flatMap(HttpUrl::userInfo))
                .isEqualTo(Optional.empty());
    }

    @Test
    void anAddressThatIsNoneIsNotRepeated() {
        assertThatThrownBy(() -> ProxySettings.of(Map.of("https_proxy", "socks5://me:secret@proxy:1")))
                .hasMessageContaining("Invalid address of the proxy in https_proxy")
                .hasMessageNotContaining("secret");
    }
}
