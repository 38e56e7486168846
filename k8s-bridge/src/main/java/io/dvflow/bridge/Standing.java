package io.dvflow.bridge;

/** Where this process stands among the bridges, for its readiness. */
final class Standing {

    private enum Role {
        STANDING_BY,
        AT_WORK,
        SHUTTING_DOWN
    }

    private final Bridge bridge;
    private volatile Role role = Role.STANDING_BY;

    Standing(Bridge bridge) {
        this.bridge = bridge;
    }

    void atWork() {
        role = Role.AT_WORK;
    }

    void shutDown() {
        role = Role.SHUTTING_DOWN;
    }

    /** Empty when ready, else the sentence that says what is missing. One that stands by is as ready as it can be. */
    String missing() {
        return switch (role) {
            case STANDING_BY -> "";
            case AT_WORK -> bridge.missing();
            case SHUTTING_DOWN -> "Shutting down";
        };
    }
}
