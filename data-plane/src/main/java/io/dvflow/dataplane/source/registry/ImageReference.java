package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which image in which registry, with the defaults that Docker gave everybody: {@code fedora} is
 * {@code docker.io/library/fedora:latest}.
 *
 * @param registry host and, where it is not the usual one, port
 * @param repository path of the image in the registry
 * @param tag counts for nothing beside a digest
 */
record ImageReference(String registry, String repository, Optional<String> tag, Optional<ContentDigest> digest) {

    static final String DOCKER_HUB = "docker.io";

    private static final String SCHEME = "docker://";
    private static final Pattern REGISTRY = Pattern.compile("(?:[A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+])(?::\\d{1,5})?");
    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
    private static final int LONGEST_REPOSITORY = 255;

    /** @param url {@code docker://[host[:port]/]repository[:tag][@digest]} */
    static ImageReference parse(String url) {
        if (!url.startsWith(SCHEME)) {
            throw invalid(url, "it does not begin with " + SCHEME);
        }
        String rest = url.substring(SCHEME.length());
        int at = rest.indexOf('@');
        Optional<ContentDigest> digest = at < 0
                ? Optional.empty()
                : Optional.of(ContentDigest.parse(rest.substring(at + 1), "the address of the image"));
        String named = at < 0 ? rest : rest.substring(0, at);
        int colon = named.indexOf(':', named.lastIndexOf('/') + 1);
        Optional<String> tag = colon < 0 ? Optional.empty() : Optional.of(named.substring(colon + 1));
        ImageReference reference = named(colon < 0 ? named : named.substring(0, colon), tag, digest);
        return reference.checked(url);
    }

    private static ImageReference named(String name, Optional<String> tag, Optional<ContentDigest> digest) {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean isHost = first.contains(".")
                || first.contains(":")
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
        String registry = isHost ? first : DOCKER_HUB;
        String repository = isHost ? name.substring(slash + 1) : name;
        if (registry.equals("index.docker.io")) {
            registry = DOCKER_HUB;
        }
        if (registry.equals(DOCKER_HUB) && !repository.contains("/")) {
            repository = "library/" + repository;
        }
        return new ImageReference(registry, repository, tag, digest);
    }

    private ImageReference checked(String url) {
        if (!REGISTRY.matcher(registry).matches()) {
            throw invalid(url, "'" + Shown.text(registry) + "' is no host with an optional port");
        }
        if (repository.length() > LONGEST_REPOSITORY
                || !REPOSITORY.matcher(repository).matches()) {
            throw invalid(url, "'" + Shown.text(repository) + "' is no name of a repository");
        }
        if (tag.filter(text -> !TAG.matcher(text).matches()).isPresent()) {
            throw invalid(url, "'" + Shown.text(tag.get()) + "' is no tag");
        }
        return this;
    }

    /** Where the registry answers, which for Docker Hub is not where it seems to be. */
    String server() {
        return registry.equals(DOCKER_HUB) ? "registry-1.docker.io" : registry;
    }

    /** What the manifest is asked for by. */
    String manifest() {
        return digest.map(ContentDigest::toString).orElseGet(() -> tag.orElse("latest"));
    }

    /** As people write it, whole. */
    @Override
    public String toString() {
        return SCHEME + registry + "/" + repository + (digest.isPresent() ? "@" : ":") + manifest();
    }

    private static TransferFailure invalid(String url, String why) {
        return new TransferFailure(
                FailureReason.BAD_PLAN,
                "Invalid source URL: expected docker://host/image:tag, found '" + Shown.text(url) + "': " + why);
    }
}
