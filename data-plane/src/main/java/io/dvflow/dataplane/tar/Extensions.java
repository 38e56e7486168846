package io.dvflow.dataplane.tar;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What extended headers say about the entry that follows them. */
final class Extensions {

    private static final String PATH = "path";
    private static final String LINK_PATH = "linkpath";
    private static final String SIZE = "size";
    private static final String MODIFIED = "mtime";
    private static final Set<String> WANTED = Set.of(PATH, LINK_PATH, SIZE, MODIFIED);
    /** Every flavour of sparse files that GNU tar knows has keys of this beginning. */
    private static final String SPARSE = "GNU.sparse.";

    private final Map<String, String> records = new HashMap<>();
    private boolean sparse;
    private Optional<String> longName = Optional.empty();
    private Optional<String> longLink = Optional.empty();

    /** @param content of the extended header */
    void add(TarHeader header, byte[] content) {
        switch (header.type()) {
            case 'L' -> longName = Optional.of(untilZero(content));
            case 'K' -> longLink = Optional.of(untilZero(content));
            case 'x', 'X' -> addRecords(content);
            default -> {
                // What holds for a whole archive is never a file's name or size.
            }
        }
    }

    TarEntry applyTo(TarHeader header, long dataAt) {
        TarEntry.Kind kind = kind(header.type());
        String name = longName.or(() -> Optional.ofNullable(records.get(PATH))).orElse(header.name());
        if (kind == TarEntry.Kind.FILE && name.endsWith("/")) {
            // As archives before POSIX marked directories.
            kind = TarEntry.Kind.DIRECTORY;
        }
        return new TarEntry(
                name,
                kind,
                header.hasContent() && kind != TarEntry.Kind.DIRECTORY ? size(header) : 0,
                sparse || header.type() == 'S',
                dataAt,
                new TarEntry.Attributes(
                        header.type(),
                        longLink.or(() -> Optional.ofNullable(records.get(LINK_PATH)))
                                .orElse(header.link()),
                        header.mode(),
                        records.containsKey(MODIFIED) ? TarTime.parse(records.get(MODIFIED)) : header.modified()));
    }

    private long size(TarHeader header) {
        String size = records.get(SIZE);
        return size == null || !size.matches("\\d{1,18}") ? header.size() : Long.parseLong(size);
    }

    private static TarEntry.Kind kind(char type) {
        return switch (type) {
            case '0', '\0', '7', 'S' -> TarEntry.Kind.FILE;
            case '1' -> TarEntry.Kind.HARD_LINK;
            case '2' -> TarEntry.Kind.SYMBOLIC_LINK;
            case '5' -> TarEntry.Kind.DIRECTORY;
            default -> TarEntry.Kind.OTHER;
        };
    }

    /** Records {@code length key=value\n}; what is none ends them. */
    private void addRecords(byte[] content) {
        int at = 0;
        while (at < content.length) {
            int blank = indexOf(content, (byte) ' ', at);
            String digits = blank < 0 ? "" : new String(content, at, blank - at, StandardCharsets.ISO_8859_1);
            int length = digits.matches("\\d{1,7}") ? Integer.parseInt(digits) : 0;
            int equals = blank < 0 ? -1 : indexOf(content, (byte) '=', blank);
            int end = at + length;
            if (equals < 0 || end > content.length || equals + 2 > end) {
                return;
            }
            add(text(content, blank + 1, equals), text(content, equals + 1, end - 1));
            at = end;
        }
    }

    private void add(String key, String value) {
        if (WANTED.contains(key)) {
            records.put(key, value);
        }
        sparse |= key.startsWith(SPARSE);
    }

    private static String text(byte[] content, int from, int to) {
        return new String(content, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static int indexOf(byte[] content, byte wanted, int from) {
        for (int i = from; i < content.length; i++) {
            if (content[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static String untilZero(byte[] content) {
        int end = indexOf(content, (byte) 0, 0);
        return text(content, 0, end < 0 ? content.length : end);
    }
}
