package io.dvflow.activities.kubernetes;

import io.dvflow.activities.Trouble;
import io.dvflow.api.Reasons;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one place where an answer of the API server becomes a decision about retrying. */
public final class KubernetesCalls {

    private static final int TOO_MANY_REQUESTS = 429;
    private static final Pattern QUOTA = Pattern.compile("exceeded quota: ([^,\\s]+)");

    private KubernetesCalls() {}

    /**
     * Makes a request.
     *
     * @param doing what it is for and to which object, as in "creating claim default/fedora"
     * @throws Conflict when the object exists already or has changed
     * @throws Trouble for everything else that is not an answer
     */
    public static <T> T call(String doing, Supplier<T> request) {
        try {
            return request.get();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                throw new Conflict(sentence(doing, e), e);
            }
            throw troubleOf(doing, e);
        }
    }

    public static void run(String doing, Runnable request) {
        call(doing, () -> {
            request.run();
            return doing;
        });
    }

    /** How bad an answer is; not for conflicts. */
    public static Trouble troubleOf(String doing, KubernetesClientException e) {
        String sentence = sentence(doing, e);
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_FORBIDDEN -> forbidden(doing, sentence, e);
            case HttpURLConnection.HTTP_UNAUTHORIZED ->
                trouble(
                        Trouble.Kind.NEEDS_CHANGE,
                        "Unauthorized",
                        sentence + ". The API server does not know the worker's service account token",
                        e);
            // The object that was to be changed has vanished since it was read; the next look decides.
            case HttpURLConnection.HTTP_NOT_FOUND -> trouble(Trouble.Kind.TRANSIENT, Reasons.NOT_FOUND, sentence, e);
            case TOO_MANY_REQUESTS, HttpURLConnection.HTTP_CLIENT_TIMEOUT ->
                trouble(Trouble.Kind.TRANSIENT, "ApiServerBusy", sentence, e);
            default ->
                isRefusal(e.getCode())
                        ? trouble(Trouble.Kind.NEEDS_CHANGE, "RefusedByApiServer", sentence, e)
                        : trouble(Trouble.Kind.TRANSIENT, "ApiServerUnavailable", sentence, e);
        };
    }

    private static Trouble forbidden(String doing, String sentence, KubernetesClientException e) {
        Matcher quota = QUOTA.matcher(String.valueOf(e.getMessage()));
        if (quota.find()) {
            return trouble(
                    Trouble.Kind.NEEDS_CHANGE,
                    Reasons.ERR_EXCEEDED_QUOTA,
                    sentence + ". Free or raise resource quota " + quota.group(1),
                    e);
        }
        if (String.valueOf(e.getMessage()).contains("is being terminated")) {
            return trouble(Trouble.Kind.TRANSIENT, "NamespaceTerminating", sentence, e);
        }
        return trouble(
                Trouble.Kind.NEEDS_CHANGE,
                "Forbidden",
                sentence + ". The service account of the worker, or an admission rule of the namespace, does not allow "
                        + doing,
                e);
    }

    private static boolean isRefusal(int code) {
        return code >= 400 && code < 500;
    }

    private static Trouble trouble(Trouble.Kind kind, String reason, String sentence, KubernetesClientException cause) {
        return Trouble.of(kind, reason, sentence, retryAfter(cause), cause);
    }

    private static Optional<Duration> retryAfter(KubernetesClientException e) {
        return Optional.ofNullable(e.getStatus())
                .map(Status::getDetails)
                .map(details -> details.getRetryAfterSeconds())
                .filter(seconds -> seconds > 0)
                .map(Duration::ofSeconds);
    }

    /** The API server's own words where it gave some: the client's wrap them in addresses that mean nothing to users. */
    private static String sentence(String doing, KubernetesClientException e) {
        String said = Optional.ofNullable(e.getStatus())
                .map(Status::getMessage)
                .filter(message -> !message.isBlank())
                .orElseGet(() -> rootMessage(e));
        return "Failed " + doing + ": " + said;
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
