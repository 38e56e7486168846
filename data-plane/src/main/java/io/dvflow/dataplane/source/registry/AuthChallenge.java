package io.dvflow.dataplane.source.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way to log in, as a server offers it in {@code WWW-Authenticate}.
 *
 * @param scheme in lower case
 * @param parameters names in lower case
 */
record AuthChallenge(String scheme, Map<String, String> parameters) {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    /** A parameter, or the name of a scheme. */
    private static final Pattern PART = Pattern.compile("\\G[ \\t,]*(?:(?<name>" + TOKEN
            + ")[ \\t]*=[ \\t]*(?:\"(?<quoted>(?:[^\"\\\\]|\\\\.)*+)\"|(?<plain>[^\\s,\"]*+))|(?<scheme>" + TOKEN
            + "))");

    /** Those that could be read; several headers are joined by commas, so one list may hold several challenges. */
    static List<AuthChallenge> parse(String header) {
        List<AuthChallenge> found = new ArrayList<>();
        Matcher part = PART.matcher(header);
        while (part.find()) {
            if (part.group("scheme") != null) {
                found.add(new AuthChallenge(part.group("scheme").toLowerCase(Locale.ROOT), new LinkedHashMap<>()));
            } else if (!found.isEmpty()) {
                String quoted = part.group("quoted");
                found.getLast()
                        .parameters
                        .put(
                                part.group("name").toLowerCase(Locale.ROOT),
                                quoted == null ? part.group("plain") : quoted.replaceAll("\\\\(.)", "$1"));
            }
        }
        return found;
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }
}
