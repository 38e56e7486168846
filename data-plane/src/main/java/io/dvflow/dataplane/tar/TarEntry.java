package io.dvflow.dataplane.tar;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * A file in an archive, as its header describes it.
 *
 * @param rawName the bytes of its name, one a character (ISO 8859-1), as they are written; nobody has checked where they
 *     point to
 * @param size bytes of content that follow the header; 0 for all that is no file
 * @param sparse whether the content is a map of a file with holes, and not the file
 * @param dataAt where in the archive the content begins
 */
public record TarEntry(String rawName, Kind kind, long size, boolean sparse, long dataAt, Attributes attributes) {

    /** What it will be when it is unpacked. */
    public enum Kind {
        FILE,
        DIRECTORY,
        /** A second name of a file. */
        HARD_LINK,
        /** A name of a name. */
        SYMBOLIC_LINK,
        /** A device, a pipe, or something that only its maker knows. */
        OTHER
    }

    /**
     * What else a header says.
     *
     * @param type the letter of its kind
     * @param rawLink what a link leads to, in bytes as {@link TarEntry#rawName}
     * @param mode permissions and the bits beside them; -1 if the header has no number there
     * @param modified when the content was changed; empty if that makes no sense
     */
    public record Attributes(char type, String rawLink, long mode, Optional<Instant> modified) {}

    static final int BLOCK = 512;

    /** For people, and for those who look for a name that they know. */
    public String name() {
        return new String(rawName.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Where the next header is. */
    public long endsAt() {
        return dataAt + Math.ceilDiv(size, BLOCK) * BLOCK;
    }

    /**
     * The name below the archive's root without detours: {@code ./disk//a} is {@code disk/a}. Empty for the root itself and for
     * names that lead out of it.
     */
    public String path() {
        StringBuilder path = new StringBuilder();
        for (String part : name().split("/", -1)) {
            if (part.equals("..")) {
                return "";
            }
            if (!part.isEmpty() && !part.equals(".")) {
                path.append(path.isEmpty() ? "" : "/").append(part);
            }
        }
        return path.toString();
    }
}
