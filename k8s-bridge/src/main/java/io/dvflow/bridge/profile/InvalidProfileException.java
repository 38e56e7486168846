package io.dvflow.bridge.profile;

/** The spec of a StorageProfile cannot be followed; its status stays as it is until somebody changes the spec. */
final class InvalidProfileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidProfileException(String message) {
        super(message);
    }
}
