package io.dvflow.dataplane.tar;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What extended headers say about the entry that follows them. */
final class Extensions {

    private static final String PATH = "path";
    private static final String SIZE = "size";
    /** Every flavour of sparse files that GNU tar knows has keys of this beginning. */
    private static final String SPARSE = "GNU.sparse.";

    private final Map<String, String> records = new HashMap<>();
    private Optional<String> longName = Optional.empty();

    /** @param content of the extended header */
    void add(TarHeader header, byte[] content) {
        switch (header.type()) {
            case 'L' -> longName = Optional.of(untilZero(content));
            case 'x', 'X' -> addRecords(content);
            default -> {
                // The target of a link; and what holds for a whole archive, which is never a file's name or size.
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
        boolean sparse = header.type() == 'S' || records.keySet().stream().anyMatch(key -> key.startsWith(SPARSE));
        return new TarEntry(
                name, kind, header.hasContent() && kind != TarEntry.Kind.DIRECTORY ? size(header) : 0, sparse, dataAt);
    }

    private long size(TarHeader header) {
        String size = records.get(SIZE);
        return size == null || !size.matches("\\d{1,18}") ? header.size() : Long.parseLong(size);
    }

    private static TarEntry.Kind kind(char type) {
        return switch (type) {
            case '0', '\0', '7', 'S' -> TarEntry.Kind.FILE;
            case '1', '2' -> TarEntry.Kind.LINK;
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
            records.put(
                    new String(content, blank + 1, equals - blank - 1, StandardCharsets.UTF_8),
                    new String(content, equals + 1, end - equals - 2, StandardCharsets.UTF_8));
            at = end;
        }
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
        return new String(content, 0, end < 0 ? content.length : end, StandardCharsets.UTF_8);
    }
}
