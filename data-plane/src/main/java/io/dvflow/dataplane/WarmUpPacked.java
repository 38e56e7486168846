package io.dvflow.dataplane;

import java.util.Base64;
import java.util.Map;

/** 64 KiB of sevens, packed by {@code xz} in one block and in two, and by {@code zstd}; the JVM has neither. */
final class WarmUpPacked {

    private static final String XZ = "/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4P//AExdAAPv+7/+o7Fe5fg/sqomVfhocEFwFQ+N"
            + "/R5MG4pCtxn0aRhxrmYjiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElkXJ460QAA"
            + "gvMXcAABZICABAAA5DeGCz4wDYsCAAAAAAFZWg==";
    private static final String XZ_BLOCKS = "/Td6WFoAAAFpIt42A8BKgIACIQEcAAAAPizUbeB//wBCXQAD7/u//qOxXuX4P7KqJlX4aHBB"
            + "cBUPjf0eTBuKQrcZ9GkYca5mI4qKTS+jDdl/puOMIxFT4FkYxXWK4nf3RO+qAAAAAADtA1fi"
            + "A8BKgIACIQEcAAAAPizUbeB//wBCXQAD7/u//qOxXuX4P7KqJlX4aHBBcBUPjf0eTBuKQrcZ"
            + "9GkYca5mI4qKTS+jDdl/puOMIxFT4FkYxXWK4nf3RO+qAAAAAADtA1fiAAJegIACXoCAAgAA"
            + "qeYqT5vjUUADAAAAAAFZWg==";
    private static final String ZSTD = "KLUv/WQA/00AAAgHAQD8fx0IAfUg22c=";

    private WarmUpPacked() {}

    /** What is there at which path. */
    static Map<String, byte[]> served() {
        return Map.of("/disk.xz", bytes(XZ), "/blocks.xz", bytes(XZ_BLOCKS), "/disk.zst", bytes(ZSTD));
    }

    /** A cluster of sevens. */
    static byte[] zstd() {
        return bytes(ZSTD);
    }

    private static byte[] bytes(String text) {
        return Base64.getDecoder().decode(text);
    }
}
