package io.dvflow.activities.transfer.source;

import static io.dvflow.activities.transfer.source.SourceSetup.present;

import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.transfer.TransferSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An image on a web server. */
final class HttpSetup {

    private static final String HEADERS = "/etc/dvflow/headers/";

    private HttpSetup() {}

    /** @param mirrors the annotation that lists them */
    static SourceSetup of(HttpSource http, Optional<String> mirrors) {
        Optional<Mounted> credentials = present(http.secretRef()).map(Mounted::credentials);
        Optional<Mounted> certificates = present(http.certConfigMap()).map(Mounted::certificates);
        List<Mounted> headers = headers(http.secretExtraHeaders());
        List<Mounted> mounted = new ArrayList<>();
        credentials.ifPresent(mounted::add);
        certificates.ifPresent(mounted::add);
        mounted.addAll(headers);
        return new SourceSetup(
                new TransferSource.Http(
                        http.url(),
                        credentials.map(Mounted::path),
                        certificates.map(Mounted::path),
                        http.extraHeaders(),
                        headers.stream().map(Mounted::path).toList(),
                        present(http.checksum()),
                        !Boolean.TRUE.equals(http.insecureSkipVerify()),
                        mirrors.map(Mirrors::of).orElse(List.of())),
                mounted);
    }

    private static List<Mounted> headers(List<String> secrets) {
        List<Mounted> mounted = new ArrayList<>();
        for (int i = 0; i < secrets.size(); i++) {
            mounted.add(new Mounted("headers-" + i, HEADERS + i, Mounted.From.SECRET, secrets.get(i)));
        }
        return mounted;
    }
}
