package io.dvflow.dataplane.source.gcs;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.transfer.FailureReason;
import java.util.List;
import java.util.Map;

/** Tokens of the pod's own service account, from the server that every machine of Google's cloud has beside it. */
final class MetadataToken implements TokenSource {

    private static final String USUAL_HOST = "169.254.169.254";
    private static final String PATH = "/computeMetadata/v1/instance/service-accounts/default/token?scopes=";

    private final TokenService service;
    private final HttpUrl url;

    MetadataToken(TokenService service, Map<String, String> environment) {
        this.service = service;
        this.url =
                HttpUrl.parse("http://" + environment.getOrDefault("GCE_METADATA_HOST", USUAL_HOST) + PATH + READ_ONLY);
    }

    @Override
    public AccessToken ask() {
        try {
            return service.ask(
                    Question.get(url, List.of("Metadata-Flavor: Google")), "the service account of the DataVolume");
        } catch (TransferFailure e) {
            throw new TransferFailure(
                    FailureReason.UNAUTHORIZED,
                    e.getMessage() + ". Not everybody may read the object, and the metadata server has no token."
                            + " Name a secret with " + CredentialsFile.NAME + " in the source's secretRef",
                    e);
        }
    }

    @Override
    public String advice() {
        return "Check that the service account of the DataVolume may read the object (roles/storage.objectViewer),"
                + " or name a secret with " + CredentialsFile.NAME + " in the source's secretRef";
    }
}
