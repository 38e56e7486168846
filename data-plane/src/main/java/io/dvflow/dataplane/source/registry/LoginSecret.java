package io.dvflow.dataplane.source.registry;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.LoginFiles;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The Secret that a source names: one login under CDI's two keys, or the logins to many registries as {@code docker login}
 * keeps them and image pull secrets hold them.
 *
 * @param login for the image in question
 * @param account of it, for people; without secrets
 */
record LoginSecret(RegistryLogin login, String account) {

    private static final String DOCKER_CONFIG = ".dockerconfigjson";
    private static final String OLD_DOCKER_CONFIG = ".dockercfg";
    private static final long LARGEST = 1 << 20;

    /** As in the file: everything is optional. */
    private record DockerConfig(JsonElement auths) {
        /** Of two for one registry the last is taken, as kubelet and docker do. */
        Map<String, Entry> entries() {
            if (auths == null || auths.isJsonNull()) {
                return Map.of();
            }
            Map<String, Entry> entries = new LinkedHashMap<>();
            TransferJson.read(auths.toString(), JsonObject.class).asMap().forEach((registry, entry) -> {
                if (!entry.isJsonNull()) {
                    entries.put(registry, TransferJson.read(entry.toString(), Entry.class));
                }
            });
            return entries;
        }
    }

    /** @param auth user and password with a colon between them, in base64 */
    private record Entry(String auth, String username, String password, String identitytoken) {
        @Override
        public String toString() {
            return "Entry[...]";
        }
    }

    static LoginSecret find(Optional<Path> directory, ImageReference image) {
        if (directory.isEmpty()) {
            return new LoginSecret(new RegistryLogin.Anonymous(), "the source names no secretRef");
        }
        Path secret = directory.get();
        if (Files.exists(secret.resolve(DOCKER_CONFIG))) {
            return among(read(secret.resolve(DOCKER_CONFIG), "%s"), image);
        }
        if (Files.exists(secret.resolve(OLD_DOCKER_CONFIG))) {
            return among(read(secret.resolve(OLD_DOCKER_CONFIG), "{\"auths\":%s}"), image);
        }
        LoginFiles files = LoginFiles.read(secret);
        return new LoginSecret(
                new RegistryLogin.Password(files.accessKeyId(), files.secretKey()),
                "the secret named in secretRef has accessKeyId and secretKey");
    }

    private static Map<String, Entry> read(Path file, String shape) {
        try {
            if (Files.size(file) > LARGEST) {
                throw unreadable(file, "it is larger than " + LARGEST + " bytes");
            }
            return TransferJson.read(shape.formatted(Files.readString(file)), DockerConfig.class)
                    .entries();
        } catch (IOException e) {
            throw unreadable(file, e.toString());
        } catch (IllegalArgumentException e) {
            // The exception's text repeats the file, passwords and all.
            throw unreadable(file, "it is not the JSON of a Docker configuration");
        }
    }

    /** The entry for the longest part of the image's name wins, as in other tools. */
    private static LoginSecret among(Map<String, Entry> entries, ImageReference image) {
        for (String place : placesOf(image)) {
            for (Map.Entry<String, Entry> entry : entries.entrySet()) {
                if (DockerConfigKey.names(entry.getKey(), place)) {
                    return new LoginSecret(
                            login(entry.getKey(), entry.getValue()),
                            "the login of the secret named in secretRef for '" + Shown.text(entry.getKey())
                                    + "' was used");
                }
            }
        }
        return new LoginSecret(
                new RegistryLogin.Anonymous(),
                "the secret named in secretRef holds no login for " + image.registry() + ", only for "
                        + entries.keySet().stream().sorted().map(Shown::text).toList());
    }

    /** {@code host/a/b/c}, {@code host/a/b}, {@code host/a}, {@code host}. */
    private static List<String> placesOf(ImageReference image) {
        List<String> places = new ArrayList<>();
        String place = image.registry() + "/" + image.repository();
        while (true) {
            places.add(place);
            int slash = place.lastIndexOf('/');
            if (slash < 0) {
                return places;
            }
            place = place.substring(0, slash);
        }
    }

    private static RegistryLogin login(String key, Entry entry) {
        if (entry.identitytoken() != null && !entry.identitytoken().isEmpty()) {
            return new RegistryLogin.IdentityToken(entry.identitytoken());
        }
        if (entry.auth() == null || entry.auth().isEmpty()) {
            return new RegistryLogin.Password(textOf(entry.username()), textOf(entry.password()));
        }
        String both = decoded(key, entry.auth());
        int colon = both.indexOf(':');
        if (colon < 0) {
            throw notALogin(key);
        }
        return new RegistryLogin.Password(both.substring(0, colon), both.substring(colon + 1));
    }

    private static String decoded(String key, String auth) {
        try {
            // Some tools pad with zero bytes.
            return new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8).replaceAll("\0+$", "");
        } catch (IllegalArgumentException e) {
            throw notALogin(key);
        }
    }

    private static String textOf(String value) {
        return value == null ? "" : value;
    }

    private static TransferFailure notALogin(String key) {
        return new TransferFailure(
                FailureReason.UNAUTHORIZED,
                "The secret named in secretRef: expected the auth of '" + Shown.text(key)
                        + "' to be user:password in base64; it is not");
    }

    private static TransferFailure unreadable(Path file, String why) {
        return new TransferFailure(
                FailureReason.UNAUTHORIZED,
                "Cannot read " + file.getFileName() + " of the secret named in secretRef: " + why
                        + ". Make it with 'kubectl create secret docker-registry', or give the keys accessKeyId and"
                        + " secretKey");
    }
}
