package io.dvflow.dataplane.source.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxySettingsTest {

    private static final ProxySettings SETTINGS = ProxySettings.of(Map.of(
            "http_proxy", "plain.proxy:3128",
            "HTTPS_PROXY", "http://tls.proxy:3129",
            "NO_PROXY", "exact.example,.suffix.example, 10.0.0.0/8,port.example:8080,bare.example"));

    @ParameterizedTest
    @CsvSource({
        "http://anywhere/x, http://plain.proxy:3128/",
        "https://anywhere/x, http://tls.proxy:3129/",
        "http://exact.example/x,",
        "http://a.suffix.example/x,",
        "http://a.bare.example/x,",
        "http://notbare.example/x, http://plain.proxy:3128/",
        "http://10.20.30.40/x,",
        "http://11.20.30.40/x, http://plain.proxy:3128/",
        "http://port.example:8080/x,",
        "http://port.example:8081/x, http://plain.proxy:3128/",
        "http://localhost/x,",
        "http://127.0.0.1/x,",
        "https://[::1]/x,",
    })
    void followsTheEnvironment(String url, String expected) {
        assertThat(SETTINGS.proxyFor(HttpUrl.parse(url)).map(HttpUrl::shown).orElse(null))
                .isEqualTo(expected);
    }
}
