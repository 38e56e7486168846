package io.dvflow.starter.follow;

import java.io.PrintWriter;

/** Says, when the user leaves with Ctrl-C, that the operation goes on without them. */
public final class LeaveNote implements AutoCloseable {
    private final Thread hook;

    public LeaveNote(PrintWriter err, String note) {
        hook = new Thread(() -> {
            err.println();
            err.println(note);
            err.flush();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
