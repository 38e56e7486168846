package io.dvflow.dataplane.unpack;

import io.dvflow.transfer.Mark;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** A way in which a whole source is compressed, found by its first bytes. */
public enum Packing {
    GZIP("gzip", "1f8b08.*"),
    XZ("xz", "fd377a585a00.*"),
    /** Or a skippable frame before the first one, as pzstd writes it. */
    ZSTD("zstd", "28b52ffd.*|5[0-9a-f]2a4d18.*");

    private static final int LONGEST_SIGNATURE = 6;

    private final String label;
    private final Pattern firstHex;

    Packing(String label, String firstHex) {
        this.label = label;
        this.firstHex = Pattern.compile(firstHex);
    }

    /** The packing of a source that begins so; empty if it is not packed. */
    static Optional<Packing> of(byte[] first) {
        String hex = HexFormat.of().formatHex(first, 0, Math.min(first.length, LONGEST_SIGNATURE));
        return Arrays.stream(values())
                .filter(packing -> packing.firstHex.matcher(hex).matches())
                .findFirst();
    }

    /** As its own tool calls it. */
    public String label() {
        return label;
    }

    /** How much a stream that begins so says that it holds at least; 0 if it says nothing. */
    long statedLength(byte[] first) {
        return this == ZSTD ? Zstd.contentSize(first) : 0;
    }

    /** Whether a reader of this packing made the mark, and it is worth more than starting at the first byte. */
    public boolean made(Mark mark) {
        return mark.position() > 0 && label.equals(mark.state().get(PackedInput.KIND));
    }
}
