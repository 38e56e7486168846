package io.dvflow.dataplane.source.gcs;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpSource;
import io.dvflow.transfer.TransferSource;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** An object in Google Cloud Storage: bytes behind HTTP, asked for with a token where one is needed. */
public final class GcsSource {

    private GcsSource() {}

    /**
     * @param nearby reaches the metadata server, which answers at once or is not there
     * @param environment may name an emulator and another metadata server, as Google's own libraries have it
     * @throws io.dvflow.dataplane.report.TransferFailure if there is nothing to read
     */
    public static ImageSource open(
            TransferSource.Gcs source, HttpAccess access, HttpAccess nearby, Map<String, String> environment) {
        GcsAddress address = GcsAddress.parse(source.url(), environment);
        GcsCredentials credentials = credentials(source, address, access, nearby, environment);
        return HttpSource.probe("gcs", address.url(), credentials, access);
    }

    private static GcsCredentials credentials(
            TransferSource.Gcs source,
            GcsAddress address,
            HttpAccess access,
            HttpAccess nearby,
            Map<String, String> environment) {
        Clock clock = Clock.systemUTC();
        if (source.credentialsDirectory().isPresent() && !address.isSigned()) {
            Path secret = Path.of(source.credentialsDirectory().get());
            TokenService service = new TokenService(new HttpApi(access), clock);
            return GcsCredentials.of(address.url(), CredentialsFile.read(secret, service), clock::instant);
        }
        boolean ownAccount = source.ownServiceAccount() && address.google() && !address.isSigned();
        Optional<TokenSource> own = ownAccount
                ? Optional.of(new MetadataToken(new TokenService(new HttpApi(nearby), clock), environment))
                : Optional.empty();
        return GcsCredentials.anonymousFirst(address.url(), own, clock::instant);
    }
}
