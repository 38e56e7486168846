package io.dvflow.starter;

/** Exit codes of the command; scripts rely on them. */
public enum Exit {
    OK(0, "Done."),
    FAILED(1, "The operation failed, was cancelled, given up or deleted, or the cluster answered with an error."),
    USAGE(2, "The command line or the manifest is wrong; nothing was sent."),
    NOT_FOUND(3, "There is no such DataVolume or namespace, or no transfer pod whose log could be shown."),
    TIMEOUT(4, "The time given by --timeout passed first; the operation goes on."),
    CLUSTER(
            5,
            "The cluster cannot be used: unreachable, not logged in, not allowed, or dvflow is not installed in it."),
    REFUSED(6, "The state of the DataVolume, or the API server's validation, does not allow what was asked."),
    BUG(70, "An error in dvflow itself, or its launcher found no JDK or no build."),
    INTERRUPTED(130, "Stopped by Ctrl-C; the operation goes on.");

    private final int code;
    private final String meaning;

    Exit(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    public String meaning() {
        return meaning;
    }
}
