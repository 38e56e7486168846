package io.dvflow.dataplane.source.s3;

import java.util.Optional;

/** No keys at all: for what everybody may read, and for URLs that are signed already. */
final class Anonymous implements KeySource {

    @Override
    public Optional<AwsKeys> keys() {
        return Optional.empty();
    }

    @Override
    public boolean renew(long askedAt) {
        return false;
    }

    @Override
    public String advice() {
        return "The source was asked without credentials. Name a secret with accessKeyId and secretKey in its secretRef,"
                + " or let everybody read the object";
    }
}
