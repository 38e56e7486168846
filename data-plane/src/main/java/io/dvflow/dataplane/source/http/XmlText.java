package io.dvflow.dataplane.source.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Single values out of the flat XML in which object stores answer; no parser is worth its start for that. */
public final class XmlText {

    private static final int LONGEST_MESSAGE = 300;

    private XmlText() {}

    /** The text of the first element of that name, if it has one. */
    public static Optional<String> of(String xml, String element) {
        Matcher found = Pattern.compile("<" + element + ">\\s*([^<]{1,8192}?)\\s*</" + element + ">")
                .matcher(xml);
        return found.find() ? Optional.of(unescaped(found.group(1))) : Optional.empty();
    }

    /** A server's own text, fit for a condition: one line, not too long. */
    public static String tame(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }

    private static String unescaped(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&#34;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }
}
