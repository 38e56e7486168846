package io.dvflow.activities.transfer.source;

import static io.dvflow.activities.transfer.source.SourceSetup.present;

import io.dvflow.api.v1beta1.GcsSource;
import io.dvflow.transfer.TransferSource;
import java.util.Optional;

/** An image in Google Cloud Storage. */
final class GcsSetup {

    private GcsSetup() {}

    /**
     * @param ownServiceAccount whether the DataVolume names a service account: the account of the node, which every pod gets
     *     where none is named, is not for those who may only make DataVolumes
     */
    static SourceSetup of(GcsSource gcs, boolean ownServiceAccount) {
        Optional<Mounted> credentials = present(gcs.secretRef()).map(Mounted::credentials);
        return new SourceSetup(
                new TransferSource.Gcs(
                        gcs.url(), credentials.map(Mounted::path), ownServiceAccount && credentials.isEmpty()),
                credentials.stream().toList());
    }
}
