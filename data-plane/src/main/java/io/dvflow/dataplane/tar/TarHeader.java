package io.dvflow.dataplane.tar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * One header block. Texts are bytes, one a character (ISO 8859-1): nothing says how names are encoded.
 *
 * @param size as the header has it, never negative
 * @param type the letter of its kind
 * @param link what a link leads to
 * @param mode permissions; -1 if they make no sense
 * @param modified empty if it makes no sense
 * @param continues whether more of the map of a sparse file follows, in a block of its own
 */
record TarHeader(
        String name, long size, char type, String link, long mode, Optional<Instant> modified, boolean continues) {

    private static final int NAME = 0;
    private static final int NAME_LENGTH = 100;
    private static final int MODE = 100;
    private static final int MODE_LENGTH = 8;
    private static final int MODIFIED = 136;
    private static final int LINK = 157;
    private static final int SIZE = 124;
    private static final int NUMBER_LENGTH = 12;
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_LENGTH = 8;
    private static final int TYPE = 156;
    private static final int MAGIC = 257;
    private static final int SPARSE_CONTINUES = 482;
    private static final int PREFIX = 345;
    private static final int PREFIX_LENGTH = 155;

    /** @param failure makes what is thrown of what is wrong */
    static TarHeader parse(byte[] block, Function<String, RuntimeException> failure) {
        if (!hasRightChecksum(block)) {
            throw failure.apply("is no tar archive, or a damaged one: a header's checksum is wrong");
        }
        long size = number(block, SIZE, NUMBER_LENGTH);
        if (size < 0 || size > Long.MAX_VALUE / 2) {
            throw failure.apply("has a header with a size that makes no sense");
        }
        String name = text(block, NAME, NAME_LENGTH);
        boolean posix = text(block, MAGIC, 6).equals("ustar");
        String prefix = posix ? text(block, PREFIX, PREFIX_LENGTH) : "";
        char type = (char) (block[TYPE] & 0xff);
        return new TarHeader(
                prefix.isEmpty() ? name : prefix + "/" + name,
                size,
                type,
                text(block, LINK, NAME_LENGTH),
                number(block, MODE, MODE_LENGTH),
                time(block),
                type == 'S' && block[SPARSE_CONTINUES] != 0);
    }

    /** Links, devices, directories and pipes are nothing but their header, whatever size it has. */
    boolean hasContent() {
        return type < '1' || type > '6';
    }

    /** Says something about the entry that follows, or about all of them. */
    boolean isExtension() {
        return type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K';
    }

    /** The sum of all bytes with the sum's own place taken for blanks; old tars took bytes for signed. */
    private static boolean hasRightChecksum(byte[] block) {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < block.length; i++) {
            byte b = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH ? (byte) ' ' : block[i];
            unsigned += b & 0xff;
            signed += b;
        }
        long written = number(block, CHECKSUM, CHECKSUM_LENGTH);
        return written == unsigned || written == signed;
    }

    /** Octal digits or, with the highest bit set, bytes of a binary number; -1 if it is neither. */
    private static long number(byte[] block, int at, int length) {
        if ((block[at] & 0x80) != 0) {
            return binary(block, at, length);
        }
        String digits = text(block, at, length).strip();
        if (digits.isEmpty()) {
            return 0;
        }
        return digits.matches("[0-7]{1,20}") ? Long.parseLong(digits, 8) : -1;
    }

    /** Seconds since 1970; the binary form may be negative. */
    private static Optional<Instant> time(byte[] block) {
        if ((block[MODIFIED] & 0x80) == 0) {
            long seconds = number(block, MODIFIED, NUMBER_LENGTH);
            return seconds < 0 ? Optional.empty() : TarTime.of(BigDecimal.valueOf(seconds));
        }
        byte[] digits = Arrays.copyOfRange(block, MODIFIED, MODIFIED + NUMBER_LENGTH);
        if (digits[0] == (byte) 0x80) {
            digits[0] = 0;
        }
        return TarTime.of(new BigDecimal(new BigInteger(digits)));
    }

    private static long binary(byte[] block, int at, int length) {
        if (block[at] != (byte) 0x80) {
            // Negative, or larger than any number of bytes.
            return -1;
        }
        long value = 0;
        for (int i = at + 1; i < at + length; i++) {
            if (value >>> 54 != 0) {
                return -1;
            }
            value = value << 8 | block[i] & 0xff;
        }
        return value;
    }

    private static String text(byte[] block, int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.ISO_8859_1);
    }
}
