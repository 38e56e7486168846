package io.dvflow.activities.claim;

import java.math.BigDecimal;

/**
 * How much of a file system a disk may take, in exact arithmetic. A claim in {@code storage} form is made larger by the
 * overhead, so that the disk the user asked for fits in.
 *
 * @param overheadThousandths share that is left to the file system, in thousandths: "0.055" is 55
 */
public record FilesystemSpace(int overheadThousandths) {

    public static final long MIB = 1024 * 1024;

    /** For block volumes. */
    public static final FilesystemSpace NO_OVERHEAD = new FilesystemSpace(0);

    private static final int WHOLE = 1000;

    /**
     * Reads {@code CDIConfig}'s figure.
     *
     * @throws IllegalArgumentException unless it is a number from 0 to 1 with at most three decimals
     */
    public static FilesystemSpace ofOverhead(String figure) {
        try {
            int thousandths = new BigDecimal(figure.strip()).movePointRight(3).intValueExact();
            if (thousandths >= 0 && thousandths <= WHOLE) {
                return new FilesystemSpace(thousandths);
            }
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(expected(figure), e);
        }
        throw new IllegalArgumentException(expected(figure));
    }

    private static String expected(String figure) {
        return "File system overhead is \"" + figure + "\", expected 0 to 1 with at most three decimals";
    }

    /** The same from a {@link #share}. */
    public static FilesystemSpace ofShare(double share) {
        return new FilesystemSpace(Math.toIntExact(Math.round(share * WHOLE)));
    }

    /** The size of a claim that holds a disk of the given size. */
    public long required(long diskBytes) {
        return divideUp(Math.multiplyExact(roundUpToMib(diskBytes), WHOLE + overheadThousandths), WHOLE);
    }

    /** The largest disk that a claim of the given size holds, in whole MiB; CDI's arithmetic. */
    public long usable(long claimBytes) {
        long rounded = divideUp(Math.multiplyExact(claimBytes, WHOLE), WHOLE + overheadThousandths);
        return rounded / MIB * MIB;
    }

    public static long roundUpToMib(long bytes) {
        return Math.multiplyExact(divideUp(bytes, MIB), MIB);
    }

    /** 0 to 1. */
    public double share() {
        return overheadThousandths / (double) WHOLE;
    }

    private static long divideUp(long dividend, long divisor) {
        return Math.ceilDiv(dividend, divisor);
    }
}
