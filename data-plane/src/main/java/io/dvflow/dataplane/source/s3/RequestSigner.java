package io.dvflow.dataplane.source.s3;

import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.Percent;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4 for requests without a body.
 *
 * @param service {@code s3}; part of what is signed, as the region is
 */
record RequestSigner(String service, String region) {

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String HASH_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /**
     * The header lines that make a request one of S3's.
     *
     * @param more further headers to be sent and signed, names in lower case
     */
    List<String> sign(String method, HttpUrl url, Map<String, String> more, AwsKeys keys, Instant now) {
        Map<String, String> headers = new TreeMap<>(more);
        headers.put("host", url.authority());
        headers.put("x-amz-content-sha256", HASH_OF_NOTHING);
        headers.put("x-amz-date", TIME.format(now));
        keys.sessionToken().ifPresent(token -> headers.put("x-amz-security-token", token));
        List<String> lines = new ArrayList<>();
        lines.add("Authorization: " + authorization(method, url, keys, now, headers));
        headers.forEach((name, value) -> lines.add(name + ": " + value));
        lines.removeIf(line -> line.startsWith("host:"));
        return lines;
    }

    /** @param headers all that is signed, names in lower case and in order */
    String authorization(String method, HttpUrl url, AwsKeys keys, Instant now, Map<String, String> headers) {
        String time = TIME.format(now);
        String day = time.substring(0, 8);
        String scope = day + "/" + region + "/" + service + "/aws4_request";
        String toSign = ALGORITHM + "\n" + time + "\n" + scope + "\n" + hex(sha256(canonical(method, url, headers)));
        return ALGORITHM + " Credential=" + keys.accessKeyId() + "/" + scope + ", SignedHeaders=" + names(headers)
                + ", Signature=" + hex(hmac(signingKey(keys, day), toSign));
    }

    private byte[] signingKey(AwsKeys keys, String day) {
        byte[] key = ("AWS4" + keys.secretKey()).getBytes(StandardCharsets.UTF_8);
        for (String part : List.of(day, region, service, "aws4_request")) {
            key = hmac(key, part);
        }
        return key;
    }

    private static String canonical(String method, HttpUrl url, Map<String, String> headers) {
        return method + "\n" + Percent.encodePath(Percent.decode(url.path())) + "\n"
                + canonicalQuery(url.query().orElse("")) + "\n"
                + headers.entrySet().stream()
                        .map(header -> header.getKey() + ":" + header.getValue().strip() + "\n")
                        .collect(Collectors.joining())
                + "\n" + names(headers) + "\n" + HASH_OF_NOTHING;
    }

    private static String canonicalQuery(String query) {
        return Arrays.stream(query.split("&"))
                .filter(pair -> !pair.isEmpty())
                .map(pair -> pair.split("=", 2))
                .map(pair -> encodedAnew(pair[0]) + "=" + (pair.length < 2 ? "" : encodedAnew(pair[1])))
                .sorted()
                .collect(Collectors.joining("&"));
    }

    private static String encodedAnew(String text) {
        return Percent.encode(Percent.decode(text));
    }

    private static String names(Map<String, String> headers) {
        return String.join(";", headers.keySet());
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has HmacSHA256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
