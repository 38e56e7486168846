package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The login and the headers that the user gave for an http source. They (which may be tokens) are for the server the
 * user named, not for one it redirects to.
 */
final class UserHeaders implements Credentials {

    /** The engine depends on these saying what it means. */
    private static final Set<String> OURS =
            Set.of("host", "range", "if-range", "connection", "accept-encoding", "content-length", "transfer-encoding");

    private final HttpUrl named;
    private final List<String> lines;
    private final LoginPlace place;

    private UserHeaders(HttpUrl named, List<String> lines, LoginPlace place) {
        this.named = named;
        this.lines = lines;
        this.place = place;
    }

    static UserHeaders of(HttpUrl url, TransferSource.Http source) {
        List<String> lines = new ArrayList<>();
        source.extraHeaders().forEach(line -> lines.add(checked(line, "an extra header")));
        source.secretHeaderDirectories().forEach(directory -> lines.addAll(secretLines(Path.of(directory))));
        boolean authorized = lines.stream().anyMatch(line -> nameOf(line).equals("authorization"));
        if (!authorized) {
            login(url, source).ifPresent(login -> lines.add("Authorization: Basic " + base64(login)));
        }
        lines.removeIf(line -> OURS.contains(nameOf(line)));
        return new UserHeaders(url, List.copyOf(lines), place(url, source, authorized));
    }

    /** @param authorized whether a header of the user's is one that logs in; then no other login is shown */
    private static LoginPlace place(HttpUrl url, TransferSource.Http source, boolean authorized) {
        if (!authorized && source.credentialsDirectory().isPresent()) {
            return LoginPlace.SECRET;
        }
        if (!source.secretHeaderDirectories().isEmpty()) {
            return LoginPlace.SECRET_HEADERS;
        }
        if (authorized) {
            return LoginPlace.HEADERS;
        }
        return url.userInfo().isPresent() ? LoginPlace.URL : LoginPlace.NOWHERE;
    }

    /** Nothing but what the URL of a mirror itself says. */
    static UserHeaders ofLoginIn(HttpUrl url) {
        return new UserHeaders(
                url,
                url.userInfo().map(info -> "Authorization: Basic " + base64(decoded(info))).stream()
                        .toList(),
                LoginPlace.MIRROR);
    }

    @Override
    public List<String> headerLines(HttpUrl url) {
        return url.sameServer(named) ? lines : List.of();
    }

    @Override
    public String advice(int status) {
        return place.advice(status);
    }

    private static Optional<String> login(HttpUrl url, TransferSource.Http source) {
        if (source.credentialsDirectory().isEmpty()) {
            return url.userInfo().map(UserHeaders::decoded);
        }
        LoginFiles login = LoginFiles.read(Path.of(source.credentialsDirectory().get()));
        return Optional.of(login.accessKeyId() + ":" + login.secretKey());
    }

    private static List<String> secretLines(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> checked(LoginFiles.secret(file), "the secret header in " + file))
                    .toList();
        } catch (IOException e) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Cannot read the secret extra headers in " + directory + ": " + e, e);
        }
    }

    private static String checked(String line, String what) {
        if (line.indexOf(':') <= 0 || line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Expected " + what + " to be one line 'Name: value'; it is not");
        }
        return line;
    }

    private static String nameOf(String line) {
        return line.substring(0, line.indexOf(':')).strip().toLowerCase(Locale.ROOT);
    }

    static String decoded(String userInfo) {
        return URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
