package io.dvflow.dataplane.source.nbd;

import java.io.IOException;

/** The server answered, and it was no. */
final class NbdException extends IOException {

    private static final long serialVersionUID = 1L;

    private NbdException(String message) {
        super(message);
    }

    /** @param code of Linux, as the protocol has it */
    static NbdException of(String doing, int code, String message) {
        String why = switch (code) {
            case 1 -> "operation not permitted";
            case 5 -> "input/output error";
            case 12 -> "out of memory";
            case 22 -> "invalid argument";
            case 28 -> "no space left";
            case 75 -> "value too large";
            case 95 -> "not supported";
            case 108 -> "server shuts down";
            default -> "error " + code;
        };
        return new NbdException(
                "the NBD server cannot " + doing + ": " + why + (message.isEmpty() ? "" : " (" + message + ")"));
    }
}
