package io.dvflow.dataplane.checksum;

import java.util.Optional;

/**
 * A digest that CDI knows, and what OpenSSL's context for it looks like (openssl/md5.h and openssl/sha.h, unchanged for
 * twenty years): the chaining values, the number of bits in two words, and what is left of an unfinished block.
 */
enum DigestAlgorithm implements Algorithm {
    MD5("MD5", 16, 64, 4),
    SHA1("SHA1", 20, 64, 4),
    SHA256("SHA256", 32, 64, 4),
    SHA512("SHA512", 64, 128, 8);

    private final String functions;
    private final int digestBytes;
    private final int blockBytes;
    private final int wordBytes;

    DigestAlgorithm(String functions, int digestBytes, int blockBytes, int wordBytes) {
        this.functions = functions;
        this.digestBytes = digestBytes;
        this.blockBytes = blockBytes;
        this.wordBytes = wordBytes;
    }

    /** @param name as in the first part of a checksum */
    static Optional<DigestAlgorithm> of(String name) {
        return Algorithm.named(name, values());
    }

    /** How the names of its functions in libcrypto begin. */
    String functions() {
        return functions;
    }

    /** Of the result, and of the chaining values, which are the first thing in the context. */
    @Override
    public int digestBytes() {
        return digestBytes;
    }

    @Override
    public RunningDigest start() {
        return new SavedDigest(this);
    }

    @Override
    public boolean fits(RunningDigest.State state, long length) {
        return state.chain().length == digestBytes && state.rest().length == length % blockBytes;
    }

    int blockBytes() {
        return blockBytes;
    }

    /** Of the number of bits hashed there are two words, the low one first. */
    int bitsOffset() {
        return digestBytes;
    }

    int wordBytes() {
        return wordBytes;
    }

    /** Where the unfinished block is. */
    int restOffset() {
        return digestBytes + 2 * wordBytes;
    }

    /** Where the number of bytes in the unfinished block is. */
    int restLengthOffset() {
        return restOffset() + blockBytes;
    }

    /** More than any context takes. */
    int contextBytes() {
        return restLengthOffset() + 16;
    }
}
