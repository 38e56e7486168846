package io.dvflow.dataplane.source.nbd;

import java.nio.file.Path;

/** Where an NBD server listens, and who looks after it. Safe for use by many threads. */
public interface NbdEndpoint {

    Path socket();

    /**
     * Sees to it that the server runs; called before a lost connection is opened again.
     *
     * @throws io.dvflow.dataplane.report.TransferFailure if it cannot be made to
     */
    void revive();

    /** The last that the server said of its own accord, as the end of a sentence; empty if nothing. */
    String lastWords();
}
