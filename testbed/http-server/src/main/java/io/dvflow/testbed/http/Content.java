package io.dvflow.testbed.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** The bytes of a resource. */
public interface Content {

    long length();

    /** Copies the bytes from {@code offset} on; all of {@code count} bytes lie inside the content. */
    void read(long offset, byte[] into, int count) throws IOException;

    static Content of(byte[] bytes) {
        return new Content() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void read(long offset, byte[] into, int count) {
                System.arraycopy(bytes, Math.toIntExact(offset), into, 0, count);
            }
        };
    }

    /** {@code length} zero bytes that exist nowhere: for images larger than any disk at hand. */
    static Content zeros(long length) {
        return new Content() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void read(long offset, byte[] into, int count) {
                Arrays.fill(into, 0, count, (byte) 0);
            }
        };
    }

    static Content of(Path file) {
        try {
            return new FileContent(FileChannel.open(file, StandardOpenOption.READ), Files.size(file));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot serve " + file, e);
        }
    }

    /** The same length with every byte inverted. */
    default Content changed() {
        Content original = this;
        return new Content() {
            @Override
            public long length() {
                return original.length();
            }

            @Override
            public void read(long offset, byte[] into, int count) throws IOException {
                original.read(offset, into, count);
                for (int i = 0; i < count; i++) {
                    into[i] = (byte) ~into[i];
                }
            }
        };
    }

    /** A file that stays open for as long as the resource is served. */
    record FileContent(FileChannel channel, long length) implements Content {
        @Override
        public void read(long offset, byte[] into, int count) throws IOException {
            ByteBuffer target = ByteBuffer.wrap(into, 0, count);
            while (target.hasRemaining()) {
                int got = channel.read(target, offset + target.position());
                if (got < 0) {
                    throw new IOException("The served file shrank: wanted " + count + " bytes at " + offset);
                }
            }
        }
    }
}
