package io.dvflow.dataplane.source.gcs;

import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.transfer.TransferJson;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Tokens for a service account whose private key is at hand: a signed statement is exchanged for each, RFC 7523. */
final class ServiceAccountToken implements TokenSource {

    private static final String USUAL_SERVICE = "https://oauth2.googleapis.com/token";
    private static final long SECONDS = 3600;

    private final TokenService service;
    private final String account;
    private final String keyId;
    private final PrivateKey key;
    private final String tokenUri;

    ServiceAccountToken(CredentialsFile file, TokenService service) {
        this.service = service;
        this.account = CredentialsFile.needed(file.clientEmail(), "client_email");
        this.keyId = Objects.requireNonNullElse(file.privateKeyId(), "");
        this.key = key(CredentialsFile.needed(file.privateKey(), "private_key"));
        this.tokenUri = Objects.requireNonNullElse(file.tokenUri(), USUAL_SERVICE);
    }

    @Override
    public AccessToken ask() {
        return service.exchange(
                HttpUrl.parse(tokenUri),
                Map.of("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", assertion()),
                account);
    }

    @Override
    public String advice() {
        return "Check that service account " + account
                + ", whose key is in the secret that the source's secretRef names, may read"
                + " the object (roles/storage.objectViewer)";
    }

    private String assertion() {
        Instant now = service.now();
        Map<String, Object> header = new LinkedHashMap<>(Map.of("alg", "RS256", "typ", "JWT"));
        if (!keyId.isEmpty()) {
            header.put("kid", keyId);
        }
        Map<String, Object> claims = Map.of(
                "iss", account,
                "scope", READ_ONLY,
                "aud", tokenUri,
                "iat", now.getEpochSecond(),
                "exp", now.getEpochSecond() + SECONDS);
        String signed = base64(TransferJson.write(header).getBytes(StandardCharsets.UTF_8)) + "."
                + base64(TransferJson.write(claims).getBytes(StandardCharsets.UTF_8));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw CredentialsFile.unusable("its private_key cannot sign (" + e.getMessage() + ")");
        }
    }

    private static PrivateKey key(String pem) {
        String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // What is said of it may repeat a part of it.
            throw CredentialsFile.unusable("its private_key is no RSA key in PEM (PKCS #8)");
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
