package io.dvflow.starter;

/** A command that cannot go on; the message is all that the user is shown. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Exit exit;

    public CommandFailure(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    public CommandFailure(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    public Exit exit() {
        return exit;
    }
}
