package io.dvflow.dataplane.source.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.source.http.ResponseHead.ContentRange;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseHeadTest {

    @Test
    void namesAreInLowerCaseAndRepeatedHeadersAreJoined() throws IOException {
        ResponseHead head =
                head("HTTP/1.1 206 Partial Content", "X-A:  one ", "x-a: two", "X-B: same", "X-B: same", "no colon");

        assertThat(head.status()).isEqualTo(206);
        assertThat(head.reason()).isEqualTo("Partial Content");
        assertThat(head.header("x-a")).contains("one, two");
        assertThat(head.header("x-b")).contains("same");
        assertThat(head.headers()).hasSize(2);
    }

    @Test
    void aReasonMayBeMissing() throws IOException {
        assertThat(head("HTTP/1.0 200").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1",
                "HTTP/1.1 ",
                "HTTP/1.1 20",
                "HTTP/1.1 2000",
                "HTTP/1.1 020 x",
                "HTTP/1.1 2x0",
                "HTTP/2 200",
                "HTTP/1.1 \u0662\u0660\u0660",
                "SSH-2.0-OpenSSH_9.2"
            })
    void whatIsNoStatusLineIsRefused(String line) {
        assertThatThrownBy(() -> head(line)).hasMessageContaining("not HTTP/1.1");
    }

    @Test
    void aContentRangeIsRead() throws IOException {
        assertThat(withRange("bytes 0-9/10").contentRange()).contains(new ContentRange(0, 9, 10));
        assertThat(withRange("BYTES 5-999999999999999999/*").contentRange())
                .contains(new ContentRange(5, 999_999_999_999_999_999L, -1));
        assertThat(head("HTTP/1.1 200 OK").contentRange()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes ",
                "bytes -",
                "bytes -/",
                "bytes /",
                "bytes 0-9",
                "bytes 0/9",
                "bytes 0-/10",
                "bytes -9/10",
                "bytes 0-9/",
                "bytes 0-9/10/10",
                "bytes 0--9/10",
                "bytes 9-0/10",
                "bytes 0-10/10",
                "bytes 0-9/-1",
                "bytes +0-9/10",
                "bytes 0-9/1e3",
                "bytes 0-9999999999999999999/*",
                "items 0-9/10",
                "bytes=0-9/10",
                "bytes */10"
            })
    void aContentRangeWithoutSenseIsRefused(String value) {
        assertThatThrownBy(() -> withRange(value).contentRange())
                .isInstanceOf(RetriableException.class)
                .hasMessageContaining("Content-Range");
    }

    @Test
    void theTotalOfAnUnsatisfiedRangeIsRead() throws IOException {
        assertThat(withRange("bytes */10").totalOfUnsatisfiedRange()).hasValue(10);
        assertThat(withRange("bytes 0-9/10").totalOfUnsatisfiedRange()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "1 2", "0x10", "1.0", "9999999999999999999"})
    void aLengthThatIsNoNumberIsRefused(String value) {
        assertThatThrownBy(() ->
                        head("HTTP/1.1 200 OK", "Content-Length: " + value).contentLength())
                .hasMessageContaining("Content-Length is no number: " + value);
    }

    private static ResponseHead withRange(String value) throws IOException {
        return head("HTTP/1.1 206 Partial Content", "Content-Range: " + value);
    }

    private static ResponseHead head(String... lines) throws IOException {
        Iterator<String> all =
                Stream.concat(List.of(lines).stream(), Stream.of("")).iterator();
        return ResponseHead.read(most -> all.next());
    }
}
