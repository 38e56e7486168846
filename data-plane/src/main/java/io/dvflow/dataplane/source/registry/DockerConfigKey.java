package io.dvflow.dataplane.source.registry;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** How the entries of a Docker configuration name the places that they are for. */
final class DockerConfigKey {

    /** All of them mean Docker Hub. */
    private static final Set<String> HUB = Set.of("docker.io", "index.docker.io", "registry-1.docker.io");

    private DockerConfigKey() {}

    /**
     * Whether an entry is for a place.
     *
     * @param key {@code host[:port][/path]}, where a label of the host may have stars; or an old one with a scheme, whose
     *     path says the version of the protocol and not a repository
     * @param place {@code host[:port][/path]}
     */
    static boolean names(String key, String place) {
        String bare = key.strip().toLowerCase(Locale.ROOT).replaceFirst("^https?://", "");
        boolean old = bare.length() < key.strip().length();
        String path = old || bare.matches("[^/]*/v[12]/?") ? "" : pathOf(bare);
        return path.equals(pathOf(place)) && isHost(hostOf(bare), hostOf(place).toLowerCase(Locale.ROOT));
    }

    private static boolean isHost(String pattern, String host) {
        if (HUB.contains(pattern) && HUB.contains(host)) {
            return true;
        }
        String[] wanted = pattern.split("\\.", -1);
        String[] found = host.split("\\.", -1);
        if (wanted.length != found.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (!found[i].matches(Pattern.quote(wanted[i]).replace("*", "\\E.*\\Q"))) {
                return false;
            }
        }
        return true;
    }

    private static String hostOf(String place) {
        int slash = place.indexOf('/');
        return slash < 0 ? place : place.substring(0, slash);
    }

    private static String pathOf(String place) {
        int slash = place.indexOf('/');
        return slash < 0 ? "" : place.substring(slash).replaceFirst("/+$", "");
    }
}
