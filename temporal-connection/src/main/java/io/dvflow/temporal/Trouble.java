package io.dvflow.temporal;

import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Why a call did not get through to Temporal, for those who have to put it right. gRPC says "io exception" of nearly all
 * of it; what it was stands deep in the causes.
 */
final class Trouble {

    /** What a TLS server says of a client certificate, as OpenSSL and as Java name these alerts. */
    private static final Pattern ALERT = Pattern.compile("ALERT_|fatal alert", Pattern.CASE_INSENSITIVE);

    private static final Pattern CERTIFICATE_MISSING =
            Pattern.compile("CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE", Pattern.CASE_INSENSITIVE);
    private static final Pattern CERTIFICATE_REFUSED =
            Pattern.compile("CERTIFICATE|UNKNOWN_CA", Pattern.CASE_INSENSITIVE);

    /** The first bytes of a TLS alert, where HTTP/2 was expected. */
    private static final Pattern TLS_RECORD = Pattern.compile("first 5 bytes: 1503");

    private Trouble() {}

    /** A clause that goes on from "Temporal at ADDRESS: ". */
    static String inWords(StatusRuntimeException e) {
        return causesOf(e).stream()
                .map(Trouble::known)
                .flatMap(Optional::stream)
                .findFirst()
                .orElseGet(() -> e.getMessage().lines().findFirst().orElseThrow());
    }

    private static List<Throwable> causesOf(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && !causes.contains(cause); cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    private static Optional<String> known(Throwable cause) {
        String said = Objects.requireNonNullElse(cause.getMessage(), "");
        return Optional.ofNullable(
                switch (cause) {
                    case CertPathValidatorException _
                    when cause.getCause() instanceof CertificateExpiredException ->
                        "its certificate has expired (" + cause.getCause().getMessage() + ")";
                    case CertPathBuilderException _, CertPathValidatorException _ ->
                        "its certificate is not signed by a CA that is trusted here (" + said
                                + "); TEMPORAL_TLS_SERVER_CA_CERT_PATH names the file with the CA's certificate, and"
                                + " without it the public ones are trusted";
                    case CertificateException _
                    when said.contains("subject alternative") ->
                        "its certificate is for another name (" + said
                                + "); TEMPORAL_TLS_SERVER_NAME says which one to expect where it is not the host of"
                                + " TEMPORAL_ADDRESS";
                    case NotSslRecordException _ ->
                        "it does not speak TLS, which the TEMPORAL_TLS_* variables or an API key ask for";
                    case Http2Exception _
                    when TLS_RECORD.matcher(said).find() ->
                        "it speaks TLS, which nothing here asks for; TEMPORAL_TLS=true does";
                    case UnknownHostException _ -> "its name cannot be resolved (" + said + ")";
                    case ConnectException _ -> "no connection to it (" + said + ")";
                    default -> ALERT.matcher(said).find() ? aboutTheClient(said) : null;
                });
    }

    private static String aboutTheClient(String said) {
        if (CERTIFICATE_MISSING.matcher(said).find()) {
            return "it wants a client certificate (" + said + "); TEMPORAL_TLS_CLIENT_CERT_PATH and"
                    + " TEMPORAL_TLS_CLIENT_KEY_PATH name the files with certificate and key";
        }
        return CERTIFICATE_REFUSED.matcher(said).find()
                ? "it refuses the client certificate of TEMPORAL_TLS_CLIENT_CERT_PATH (" + said + ")"
                : null;
    }
}
