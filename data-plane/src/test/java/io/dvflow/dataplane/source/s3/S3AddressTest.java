package io.dvflow.dataplane.source.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.report.TransferFailure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked for, and what it is signed for. */
class S3AddressTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://minio:9000/b/disk.img | http://minio:9000/b/disk.img",
                "http://minio:9000//b/dir//disk.img | http://minio:9000/b/dir//disk.img",
                "http://h/b/./a/../c | http://h/b/./a/../c",
                "http://h/b/a b+c%2Bd%20e | http://h/b/a%20b%2Bc%2Bd%20e",
                "http://h/b/100%25=(é)&'*!~.raw | http://h/b/100%25%3D%28%C3%A9%29%26%27%2A%21~.raw",
                "https://s3.eu-west-1.amazonaws.com/b/k | https://s3.eu-west-1.amazonaws.com/b/k",
                "https://b.s3.eu-west-1.amazonaws.com/k | https://b.s3.eu-west-1.amazonaws.com/k",
                "https://my.b.s3.eu-west-1.amazonaws.com/k | https://s3.eu-west-1.amazonaws.com/my.b/k",
                "http://my.b.s3.amazonaws.com/k | http://my.b.s3.amazonaws.com/k",
            })
    void encodesEachCharacterOnce(String given, String asked) {
        assertThat(S3Address.parse(given).url()).hasToString(asked);
    }

    @ParameterizedTest
    @CsvSource({
        "s3.eu-west-1.amazonaws.com, eu-west-1",
        "s3-us-west-2.amazonaws.com, us-west-2",
        "s3.dualstack.ap-south-1.amazonaws.com, ap-south-1",
        "s3-fips.us-gov-west-1.amazonaws.com, us-gov-west-1",
        "s3.cn-north-1.amazonaws.com.cn, cn-north-1",
        "s3.amazonaws.com, us-east-1",
        "bucket.s3.amazonaws.com, us-east-1",
        "bucket.s3.ca-central-1.amazonaws.com, ca-central-1",
        "s3.us-west-004.backblazeb2.com, us-west-004",
        "s3.fr-par.scw.cloud, fr-par",
        "nyc3.digitaloceanspaces.com, nyc3",
        "minio.storage.svc, us-east-1",
        "s3.example.com, us-east-1",
        "10.0.0.1, us-east-1",
        "[fd00::1], us-east-1",
    })
    void readsTheRegionOutOfTheHost(String host, String region) {
        assertThat(S3Address.parse("https://" + host + "/bucket/key").region()).isEqualTo(region);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://minio:9000/",
                "http://minio:9000/bucket",
                "http://minio:9000/bucket/",
                "https://bucket.s3.eu-west-1.amazonaws.com/",
                "s3://bucket/key",
                "minio/bucket/key",
            })
    void refusesWhatNamesNoObject(String text) {
        assertThatThrownBy(() -> S3Address.parse(text))
                .isInstanceOf(TransferFailure.class)
                .hasMessageContaining("Invalid source URL");
    }

    @ParameterizedTest
    @CsvSource({
        "https://h/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc, true",
        "https://h/b/k?AWSAccessKeyId=a&Expires=1&Signature=abc, true",
        "https://h/b/k?versionId=3, false",
        "https://h/b/k, false",
    })
    void knowsWhatIsSignedAlready(String url, boolean signed) {
        assertThat(S3Address.parse(url).isSigned()).isEqualTo(signed);
    }
}
