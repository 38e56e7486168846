package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpApi.Answer;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpSource;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** One image in a registry, by the protocol of Docker and OCI (distribution-spec). */
final class RegistryClient implements ImageStore {

    private static final String DOING = "Unable to process data: failed to pull image: ";
    private static final String MANIFEST = "manifest";
    private static final String CONFIGURATION = "configuration";
    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final ImageReference image;
    private final HttpUrl registry;
    private final RegistryCredentials credentials;
    private final HttpAccess access;
    private final HttpApi api;
    private final List<HttpSource> blobs = new ArrayList<>();

    private RegistryClient(
            ImageReference image, HttpUrl registry, RegistryCredentials credentials, HttpAccess access, HttpApi api) {
        this.image = image;
        this.registry = registry;
        this.credentials = credentials;
        this.access = access;
        this.api = api;
    }

    /**
     * Asks the registry whether it is one, and how to log in.
     *
     * @param secret directory of the mounted Secret
     * @param insecure whether plain http will do
     */
    static RegistryClient connect(ImageReference image, Optional<Path> secret, boolean insecure, HttpAccess access) {
        LoginSecret login = LoginSecret.find(secret, image);
        HttpApi api = new HttpApi(access);
        Answer answer = firstAnswer(image, insecure, api);
        HttpUrl registry = answer.asked();
        Optional<AuthChallenge> challenge = switch (answer.status()) {
            case 200 -> Optional.empty();
            case 401 -> Optional.of(challenge(image, answer));
            default ->
                throw new TransferFailure(
                        FailureReason.REFUSED_BY_SERVER,
                        DOING + image + ": " + registry + " answered " + answer.status() + " "
                                + Shown.text(answer.head().reason())
                                + "; a registry of today answers 200 or 401. Check the host in the source's url");
        };
        RegistryCredentials credentials = new RegistryCredentials(image, registry, challenge, login, api);
        return new RegistryClient(image, registry, credentials, access, api);
    }

    private static Answer firstAnswer(ImageReference image, boolean insecure, HttpApi api) {
        List<Question> questions = Stream.of("https", "http")
                .limit(insecure ? 2 : 1)
                .map(scheme -> Question.get(HttpUrl.parse(scheme + "://" + image.server() + "/v2/"), List.of()))
                .toList();
        try {
            return api.ask(DOING + image, questions);
        } catch (TransferFailure e) {
            if (!insecure && (e.getCause() instanceof SSLException || e.reason() == FailureReason.CERTIFICATE)) {
                throw new TransferFailure(
                        e.reason(),
                        e.getMessage()
                                + ". If the registry is plain http, or its certificate is not to be checked, add "
                                + image.registry() + " to insecureRegistries of the CDI configuration",
                        e);
            }
            throw e;
        }
    }

    private static AuthChallenge challenge(ImageReference image, Answer answer) {
        List<AuthChallenge> offered =
                AuthChallenge.parse(answer.head().header("www-authenticate").orElse(""));
        return Stream.of("bearer", "basic")
                .flatMap(scheme -> offered.stream().filter(one -> one.scheme().equals(scheme)))
                .findFirst()
                .orElseThrow(() -> new TransferFailure(
                        FailureReason.UNAUTHORIZED,
                        DOING + image + ": the registry wants a login by "
                                + offered.stream()
                                        .map(one -> Shown.text(one.scheme()))
                                        .toList() + "; bearer and basic are known"));
    }

    @Override
    public byte[] namedManifest() {
        byte[] manifest = manifest(image.manifest());
        image.digest().ifPresent(digest -> digest.check(manifest, "the manifest of " + image));
        return manifest;
    }

    @Override
    public byte[] manifest(Descriptor descriptor) {
        descriptor.requireDocument(MANIFEST);
        return checked(manifest(descriptor.contentDigest().toString()), descriptor, MANIFEST);
    }

    @Override
    public byte[] configuration(Descriptor descriptor) {
        descriptor.requireDocument(CONFIGURATION);
        byte[] content = get("/blobs/" + descriptor.contentDigest(), List.of(), CONFIGURATION);
        return checked(content, descriptor, CONFIGURATION);
    }

    private byte[] checked(byte[] content, Descriptor descriptor, String what) {
        descriptor.requireContent(content, what + " of " + image);
        return content;
    }

    @Override
    public ImageSource blob(Descriptor descriptor) {
        HttpUrl url = url("/blobs/" + descriptor.contentDigest());
        HttpSource blob = HttpSource.probe("registry", url, credentials, access);
        blobs.add(blob);
        if (blob.facts().lengthKnown()) {
            descriptor.requireSize(blob.facts().pin().length(), "layer");
        }
        return blob;
    }

    private byte[] manifest(String name) {
        String accept = "Accept: " + String.join(", ", ImageIndex.ACCEPTED);
        return get("/manifests/" + name, List.of(accept), MANIFEST);
    }

    private byte[] get(String path, List<String> lines, String what) {
        HttpUrl url = url(path);
        Answer answer = follow(url, lines);
        boolean refused = answer.status() == 401 || answer.status() == 403;
        if (refused && credentials.renew(url, answer.head())) {
            answer = follow(url, lines);
        }
        if (answer.status() != 200) {
            throw refusal(answer, what);
        }
        return answer.body();
    }

    private Answer follow(HttpUrl first, List<String> lines) {
        HttpUrl url = first;
        for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
            List<String> all = new ArrayList<>(lines);
            all.addAll(credentials.headerLines(url));
            Answer answer =
                    api.ask(DOING + image, new Question("GET", url, all, new byte[0], ImageStore.LARGEST_DOCUMENT));
            Optional<String> location = answer.head().header("location");
            if (!REDIRECTS.contains(answer.status()) || location.isEmpty()) {
                return answer;
            }
            url = url.resolve(location.get());
        }
        throw new TransferFailure(
                FailureReason.REFUSED_BY_SERVER,
                DOING + image + ": " + first + " redirects more than " + MOST_REDIRECTS + " times, last to " + url);
    }

    private TransferFailure refusal(Answer answer, String what) {
        int status = answer.status();
        FailureReason reason = switch (status) {
            case 401, 403 -> FailureReason.UNAUTHORIZED;
            case 404 -> FailureReason.NOT_FOUND;
            default -> FailureReason.REFUSED_BY_SERVER;
        };
        return new TransferFailure(
                reason,
                DOING + image + ": the registry answered " + status + " "
                        + Shown.text(answer.head().reason()) + " to the request for the " + what + reasons(answer)
                        + ". " + credentials.advice(status));
    }

    /** {@code {"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}}. */
    private record Refusals(List<Refusal> errors) {
        record Refusal(String code, String message) {}
    }

    private static String reasons(Answer answer) {
        try {
            Refusals said = TransferJson.read(answer.text(), Refusals.class);
            return said.errors() == null || said.errors().isEmpty()
                    ? ""
                    : " ("
                            + Shown.text(said.errors().getFirst().code() + ": "
                                    + said.errors().getFirst().message())
                            + ")";
        } catch (IllegalArgumentException e) {
            // A proxy's page, say; the status has to do.
            return "";
        }
    }

    private HttpUrl url(String path) {
        return new HttpUrl(
                registry.scheme(),
                registry.host(),
                registry.port(),
                "/v2/" + image.repository() + path,
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public long fetchedBytes() {
        return blobs.stream().mapToLong(HttpSource::fetchedBytes).sum();
    }

    @Override
    public String toString() {
        return image.toString();
    }

    @Override
    public void close() {
        blobs.forEach(HttpSource::close);
    }
}
