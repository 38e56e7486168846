package io.dvflow.dataplane.source.s3;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Single values out of the flat XML in which S3 and the token service answer; no parser is worth its start for that. */
final class XmlText {

    private XmlText() {}

    /** The text of the first element of that name, if it has one. */
    static Optional<String> of(String xml, String element) {
        Matcher found = Pattern.compile("<" + element + ">\\s*([^<]{1,8192}?)\\s*</" + element + ">")
                .matcher(xml);
        return found.find() ? Optional.of(unescaped(found.group(1))) : Optional.empty();
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
