package io.dvflow.dataplane.source.s3;

import io.dvflow.dataplane.source.http.LoginFiles;
import java.nio.file.Path;
import java.util.Optional;

/** The keys of a mounted secret. Its files follow the secret, so that lent keys can be replaced while they are in use. */
final class SecretKeys implements KeySource {

    private final Path directory;
    private LoginFiles login;
    private long readAt;

    /** @throws io.dvflow.dataplane.report.TransferFailure if one of the keys is missing */
    SecretKeys(Path directory) {
        this.directory = directory;
        read();
    }

    @Override
    public synchronized Optional<AwsKeys> keys() {
        return Optional.of(new AwsKeys(login.accessKeyId(), login.secretKey(), login.sessionToken(), Optional.empty()));
    }

    @Override
    public synchronized boolean renew(long askedAt) {
        LoginFiles refused = login;
        boolean readSince = readAt - askedAt > 0;
        read();
        return readSince || !login.equals(refused);
    }

    @Override
    public String advice() {
        return "Check accessKeyId, secretKey and, for keys that are only lent, sessionToken in the secret that the"
                + " source's secretRef names, that they may read the object, and that there is one: those who may not"
                + " list a bucket are told the same of an object that is missing";
    }

    private void read() {
        LoginFiles found = LoginFiles.read(directory);
        if (!found.equals(login)) {
            login = found;
            readAt = System.nanoTime();
        }
    }
}
