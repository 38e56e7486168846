package io.dvflow.dataplane.source.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.source.http.HttpUrl;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The signatures that AWS has published, and what becomes of headers. */
class RequestSignerTest {

    private static final String HASH_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final AwsKeys SUITE =
            keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Optional.empty());
    private static final AwsKeys MANUAL =
            keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Optional.empty());

    @ParameterizedTest
    @CsvSource({
        "/, 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "/?Param2=value2&Param1=value1, b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        "/?Param1=value1, a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                + "abcdefghijklmnopqrstuvwxyz,"
                + " 9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        "/%E1%88%B4, 8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    })
    void agreesWithTheTestSuite(String target, String signature) {
        var signer = new RequestSigner("service", "us-east-1");
        var headers = new TreeMap<>(Map.of("host", "example.amazonaws.com", "x-amz-date", "20150830T123600Z"));

        assertThat(signer.authorization(
                        "GET",
                        HttpUrl.parse("https://example.amazonaws.com" + target),
                        SUITE,
                        Instant.parse("2015-08-30T12:36:00Z"),
                        headers))
                .isEqualTo("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                        + " SignedHeaders=host;x-amz-date, Signature=" + signature);
    }

    @Test
    void agreesWithTheTestSuiteOnKeysThatAreOnlyLent() {
        var headers = new TreeMap<>(Map.of(
                "host", "example.amazonaws.com",
                "x-amz-date", "20150830T123600Z",
                "x-amz-security-token", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"));

        assertThat(new RequestSigner("service", "us-east-1")
                        .authorization(
                                "GET",
                                HttpUrl.parse("https://example.amazonaws.com/"),
                                SUITE,
                                Instant.parse("2015-08-30T12:36:00Z"),
                                headers))
                .endsWith("SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="
                        + "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8");
    }

    @ParameterizedTest
    @CsvSource({
        "/test.txt, bytes=0-9, f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        "/?lifecycle, , fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        "/?max-keys=2&prefix=J, , 34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    })
    void agreesWithTheManualOfS3(String target, String range, String signature) {
        var headers = new TreeMap<>(Map.of(
                "host", "examplebucket.s3.amazonaws.com",
                "x-amz-content-sha256", HASH_OF_NOTHING,
                "x-amz-date", "20130524T000000Z"));
        if (range != null) {
            headers.put("range", range);
        }

        assertThat(new RequestSigner("s3", "us-east-1")
                        .authorization(
                                "GET",
                                HttpUrl.parse("https://examplebucket.s3.amazonaws.com" + target),
                                MANUAL,
                                Instant.parse("2013-05-24T00:00:00Z"),
                                headers))
                .endsWith("Signature=" + signature);
    }

    @Test
    void signsAllThatItSendsAndSendsNoSecret() {
        List<String> lines = new RequestSigner("s3", "eu-west-1")
                .sign(
                        "HEAD",
                        HttpUrl.parse("http://minio:9000/bucket/key"),
                        Map.of("x-amz-checksum-mode", "ENABLED"),
                        keys("AKID", "hidden", Optional.of("lent")),
                        Instant.parse("2026-01-02T03:04:05Z"));

        assertThat(lines)
                .contains(
                        "x-amz-date: 20260102T030405Z",
                        "x-amz-checksum-mode: ENABLED",
                        "x-amz-content-sha256: " + HASH_OF_NOTHING,
                        "x-amz-security-token: lent")
                .noneMatch(line -> line.startsWith("host"))
                .noneMatch(line -> line.contains("hidden"))
                .anyMatch(
                        line -> line.startsWith(
                                "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/s3/aws4_request,"
                                        + " SignedHeaders=host;x-amz-checksum-mode;x-amz-content-sha256;x-amz-date;x-amz-security-token,"));
    }

    private static AwsKeys keys(String id, String secret, Optional<String> token) {
        return new AwsKeys(id, secret, token, Optional.empty());
    }
}
