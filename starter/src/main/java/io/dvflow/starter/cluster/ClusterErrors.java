package io.dvflow.starter.cluster;

import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.Exit;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** Turns what the client throws into one line that says what was being done, what was found, and the way out. */
final class ClusterErrors {
    /** The address that the client assumes when nothing tells it one. */
    private static final String WITHOUT_KUBECONFIG = "https://kubernetes.default.svc";

    private ClusterErrors() {}

    /**
     * @param doing what was being done, to which object: {@code reading DataVolume vms/fedora}
     * @param address address of the API server
     */
    static CommandFailure explain(KubernetesClientException thrown, String doing, String address) {
        return switch (thrown.getCode()) {
            case 0, -1 -> unreachable(thrown, doing, address);
            case 401 ->
                failure(
                        Exit.CLUSTER,
                        "The API server at " + address + " does not accept the kubeconfig's credentials (" + doing
                                + "). Log in again, or choose another --context.",
                        thrown);
            case 403 ->
                failure(
                        Exit.CLUSTER,
                        "Not allowed: " + said(thrown) + ". Needed for " + doing
                                + "; the ClusterRoles edit and admin include it.",
                        thrown);
            case 404 -> missing(thrown, doing, address);
            case 409 ->
                failure(
                        Exit.REFUSED,
                        "Refused while " + doing + ": " + said(thrown)
                                + ". Look at what is there with 'status', or choose another name.",
                        thrown);
            case 400, 422 -> failure(Exit.REFUSED, "Refused while " + doing + ": " + said(thrown), thrown);
            default ->
                failure(
                        Exit.FAILED,
                        "The API server at " + address + " answered " + thrown.getCode() + " while " + doing + ": "
                                + said(thrown) + ". Trying again may help.",
                        thrown);
        };
    }

    private static CommandFailure unreachable(KubernetesClientException thrown, String doing, String address) {
        if (address.startsWith(WITHOUT_KUBECONFIG)) {
            return failure(
                    Exit.CLUSTER,
                    "There is no kubeconfig, neither in $KUBECONFIG nor in ~/.kube/config, to say which cluster "
                            + "is meant (" + doing + "). Give one with --kubeconfig.",
                    thrown);
        }
        return failure(
                Exit.CLUSTER,
                "No answer from the API server at " + address + " while " + doing + " (" + rootCause(thrown)
                        + "). Check that it runs, and that kubeconfig and context are the right ones.",
                thrown);
    }

    static CommandFailure notInstalled(String address) {
        return new CommandFailure(
                Exit.CLUSTER,
                "The cluster at " + address + " knows no DataVolumes: dvflow is not installed in it. Install its "
                        + "Helm chart, or choose another --context.");
    }

    private static CommandFailure missing(KubernetesClientException thrown, String doing, String address) {
        return namesAnObject(thrown)
                ? failure(Exit.NOT_FOUND, "Not found while " + doing + ": " + said(thrown) + ".", thrown)
                : notInstalled(address);
    }

    /** The answer for a kind that is not served, as opposed to an object that is not there, has no details. */
    private static boolean namesAnObject(KubernetesClientException thrown) {
        return thrown.getStatus() != null
                && thrown.getStatus().getDetails() != null
                && thrown.getStatus().getDetails().getName() != null
                && !thrown.getStatus().getDetails().getName().isEmpty();
    }

    private static CommandFailure failure(Exit exit, String message, KubernetesClientException thrown) {
        return new CommandFailure(exit, message.replaceAll("\\s*\\R\\s*", " "), thrown);
    }

    private static String said(KubernetesClientException thrown) {
        boolean statusSays = thrown.getStatus() != null && thrown.getStatus().getMessage() != null;
        String said = statusSays ? thrown.getStatus().getMessage() : String.valueOf(thrown.getMessage());
        return said.strip();
    }

    /** The part of the cause that a person can do something about. */
    private static String rootCause(Throwable thrown) {
        Throwable last = thrown;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case HttpConnectTimeoutException _ -> {
                    return "no connection in time";
                }
                case UnresolvedAddressException _ -> {
                    return "unknown host";
                }
                case SSLException ssl -> {
                    return "TLS: " + ssl.getMessage();
                }
                default -> last = cause;
            }
        }
        return switch (last) {
            case ClosedChannelException _ -> "connection refused";
            default ->
                last.getMessage() == null
                        ? last.getClass().getSimpleName()
                        : last.getClass().getSimpleName() + ": " + last.getMessage();
        };
    }
}
