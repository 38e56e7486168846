package io.dvflow.dataplane.source.s3;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpSource;
import io.dvflow.dataplane.source.http.LoginFiles;
import io.dvflow.transfer.TransferSource;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** An object in a bucket: bytes behind HTTP, asked for with signed requests. */
public final class S3Source {

    private S3Source() {}

    /**
     * @param environment may name a role that the pod has at AWS
     * @throws io.dvflow.dataplane.report.TransferFailure if there is nothing to read
     */
    public static ImageSource open(TransferSource.S3 source, HttpAccess access, Map<String, String> environment) {
        S3Address address = S3Address.parse(source.url());
        Optional<Path> secret = source.credentialsDirectory().map(Path::of);
        String region = secret.flatMap(directory -> LoginFiles.optional(directory, "region"))
                .orElseGet(address::region);
        Clock clock = Clock.systemUTC();
        KeySource keys = keys(address, secret, access, clock, environment);
        return HttpSource.probe("s3", address.url(), new S3Credentials(address, region, keys, clock), access);
    }

    /** The first that there is: a signature in the URL, keys in the secret, a role of the pod. */
    private static KeySource keys(
            S3Address address, Optional<Path> secret, HttpAccess access, Clock clock, Map<String, String> environment) {
        if (address.isSigned()) {
            return new Anonymous();
        }
        if (secret.filter(S3Source::holdsKeys).isPresent()) {
            return new SecretKeys(secret.get());
        }
        Optional<WebIdentityKeys> lent =
                WebIdentityKeys.of(access, clock, environment, address.aws().isPresent());
        return lent.isPresent() ? lent.get() : new Anonymous();
    }

    /** CDI's example of a secret has both keys, empty. */
    private static boolean holdsKeys(Path secret) {
        return LoginFiles.optional(secret, "accessKeyId").isPresent()
                || LoginFiles.optional(secret, "secretKey").isPresent();
    }
}
