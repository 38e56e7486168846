package io.dvflow.dataplane.source.gcs;

/** Where access tokens come from. */
interface TokenSource {

    /** The only right that is asked for. */
    String READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only";

    /**
     * A fresh token.
     *
     * @throws io.dvflow.dataplane.report.TransferFailure if none is given
     */
    AccessToken ask();

    /** What a person should look at when the server refused a token; a whole sentence. */
    String advice();
}
