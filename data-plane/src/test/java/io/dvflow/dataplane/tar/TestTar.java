package io.dvflow.dataplane.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/** Writes tar archives, right ones and others, block by block. */
public final class TestTar {

    private static final int BLOCK = 512;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public TestTar directory(String name) {
        return entry(name, '5', new byte[0]);
    }

    public TestTar file(String name, byte[] content) {
        return entry(name, '0', content);
    }

    public TestTar file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public TestTar symbolicLink(String name, String leadsTo) {
        return link(name, '2', leadsTo);
    }

    public TestTar hardLink(String name, String other) {
        return link(name, '1', other);
    }

    private TestTar link(String name, char type, String leadsTo) {
        byte[] block = new Header(name, type, "0").bytes();
        Header.put(block, 157, leadsTo);
        return raw(Header.signed(block));
    }

    /** An empty file whose header has been changed; its checksum is right all the same. */
    public TestTar changed(String name, Consumer<byte[]> change) {
        byte[] block = new Header(name, '0', "0").bytes();
        change.accept(block);
        return raw(Header.signed(block));
    }

    public TestTar entry(String name, char type, byte[] content) {
        return header(new Header(name, type, Long.toOctalString(content.length)))
                .content(content);
    }

    /** As POSIX says more than a header holds. */
    public TestTar pax(String... records) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String record : records) {
            all.writeBytes(paxRecord(record));
        }
        return entry("PaxHeaders/0", 'x', all.toByteArray());
    }

    /** As GNU tar says it. */
    public TestTar longName(String name) {
        return entry("././@LongLink", 'L', (name + "\0").getBytes(StandardCharsets.UTF_8));
    }

    public TestTar content(byte[] content) {
        out.writeBytes(content);
        return raw(new byte[Math.floorMod(-content.length, BLOCK)]);
    }

    public TestTar raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public TestTar header(Header header) {
        out.writeBytes(header.bytes());
        return this;
    }

    /** With the two blocks of zeros that end an archive. */
    public byte[] end() {
        return raw(new byte[2 * BLOCK]).bytes();
    }

    public byte[] bytes() {
        return out.toByteArray();
    }

    /** The record's length counts its own digits. */
    private static byte[] paxRecord(String record) {
        int bare = record.getBytes(StandardCharsets.UTF_8).length + 2;
        int length = bare + String.valueOf(bare).length();
        length = bare + String.valueOf(length).length();
        return (length + " " + record + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @param size as it stands in the header, whatever it means
     */
    public record Header(String name, char type, String size) {

        public byte[] bytes() {
            byte[] block = new byte[BLOCK];
            put(block, 0, name);
            put(block, 100, "0000644");
            put(block, 108, "0000153");
            put(block, 116, "0000153");
            put(block, 124, size);
            put(block, 136, "00000000000");
            block[156] = (byte) type;
            put(block, 257, "ustar\00000");
            return signed(block);
        }

        /** Computes the checksum, so that only what is meant to be wrong is wrong. */
        public static byte[] signed(byte[] block) {
            Arrays.fill(block, 148, 156, (byte) ' ');
            int sum = 0;
            for (byte b : block) {
                sum += b & 0xff;
            }
            put(block, 148, String.format("%06o", sum));
            block[154] = 0;
            return block;
        }

        private static void put(byte[] block, int at, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(bytes, 0, block, at, bytes.length);
        }
    }
}
