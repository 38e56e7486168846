package io.dvflow.dataplane;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Packs into zstd frames with a table of them at the end, as the seekable format of zstd's repository has it. */
final class SeekableZstd {

    private SeekableZstd() {}

    static void pack(Path plain, Path packed, int frameBytes) throws IOException {
        Path frames = Files.createTempDirectory(packed.getParent(), "frames");
        Shell.run(
                "bash",
                "-ec",
                "cd " + frames + "; split -a 5 -b " + frameBytes + " --filter='zstd -q > $FILE' " + plain + " frame-");
        try (Stream<Path> files = Files.list(frames);
                OutputStream out = Files.newOutputStream(packed)) {
            List<Path> inOrder = files.sorted().toList();
            ByteBuffer table = ByteBuffer.allocate(8 + 8 * inOrder.size() + 9).order(ByteOrder.LITTLE_ENDIAN);
            table.putInt(0x184d2a5e).putInt(table.capacity() - 8);
            long left = Files.size(plain);
            for (Path frame : inOrder) {
                out.write(Files.readAllBytes(frame));
                table.putInt((int) Files.size(frame)).putInt((int) Math.min(left, frameBytes));
                left -= frameBytes;
                Files.delete(frame);
            }
            out.write(table.putInt(inOrder.size())
                    .put((byte) 0)
                    .putInt(0x8f92eab1)
                    .array());
        }
        Files.delete(frames);
    }
}
