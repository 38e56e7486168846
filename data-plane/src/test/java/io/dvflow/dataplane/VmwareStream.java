package io.dvflow.dataplane;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/**
 * Writes a streamOptimized disk as VMware does and qemu-img does not: in one go, so that tables come behind their grains,
 * and the directory and a footer that names it at the end.
 */
final class VmwareStream {

    static final int SECTOR = 512;
    static final int GRAIN = 64 << 10;

    private static final int TABLE_ENTRIES = 512;
    private static final int OVERHEAD = 128;
    private static final int TABLE_MARKER = 1;
    private static final int DIRECTORY_MARKER = 2;
    private static final int FOOTER_MARKER = 3;
    private static final int END_OF_STREAM = 0;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private final byte[] disk;

    private VmwareStream(byte[] disk) {
        this.disk = disk;
    }

    /** @param order of the grains in the file */
    static byte[] write(byte[] disk, List<Integer> order) {
        return new VmwareStream(disk).write(order);
    }

    private byte[] write(List<Integer> order) {
        append(header(-1));
        file.writeBytes(Arrays.copyOf(descriptor(), (OVERHEAD - 1) * SECTOR));
        int tables = Math.ceilDiv(order.size(), TABLE_ENTRIES);
        ByteBuffer grains = littleEndian(tables * TABLE_ENTRIES * 4);
        for (int grain : order) {
            byte[] bytes = Arrays.copyOfRange(disk, grain * GRAIN, Math.min(disk.length, (grain + 1) * GRAIN));
            if (Arrays.mismatch(bytes, new byte[bytes.length]) >= 0) {
                grains.putInt(4 * grain, sector());
                writeGrain(grain, bytes);
            }
        }
        ByteBuffer directory = littleEndian(SECTOR);
        for (int i = 0; i < tables; i++) {
            writeMarker(TABLE_ENTRIES * 4 / SECTOR, TABLE_MARKER);
            directory.putInt(4 * i, sector());
            append(grains.slice(i * TABLE_ENTRIES * 4, TABLE_ENTRIES * 4));
        }
        writeMarker(1, DIRECTORY_MARKER);
        int directoryAt = sector();
        append(directory);
        writeMarker(1, FOOTER_MARKER);
        append(header(directoryAt));
        writeMarker(0, END_OF_STREAM);
        return file.toByteArray();
    }

    private ByteBuffer header(long directoryAt) {
        ByteBuffer b = littleEndian(SECTOR);
        b.put(0, new byte[] {'K', 'D', 'M', 'V'}).putInt(4, 3).putInt(8, 1 | 1 << 16 | 1 << 17);
        b.putLong(12, disk.length / SECTOR)
                .putLong(20, GRAIN / SECTOR)
                .putLong(28, 1)
                .putLong(36, 20);
        b.putInt(44, TABLE_ENTRIES).putLong(56, directoryAt).putLong(64, OVERHEAD);
        return b.put(73, new byte[] {'\n', ' ', '\r', '\n'}).putShort(77, (short) 1);
    }

    private byte[] descriptor() {
        return """
                # Disk DescriptorFile
                version=1
                CID=7e5b80a7
                parentCID=ffffffff
                createType="streamOptimized"
                # Extent description
                RDONLY %d SPARSE "generated-stream.vmdk"
                ddb.adapterType = "lsilogic"
                """.formatted(disk.length / SECTOR).getBytes(StandardCharsets.ISO_8859_1);
    }

    private void writeGrain(int grain, byte[] bytes) {
        byte[] stream = new byte[2 * GRAIN];
        int length;
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED)) {
            deflater.setInput(bytes);
            deflater.finish();
            length = deflater.deflate(stream);
        }
        ByteBuffer b = littleEndian(Math.ceilDiv(12 + length, SECTOR) * SECTOR);
        b.putLong(0, (long) grain * GRAIN / SECTOR).putInt(8, length).put(12, stream, 0, length);
        append(b);
    }

    private void writeMarker(int sectors, int type) {
        append(littleEndian(SECTOR).putLong(0, sectors).putInt(12, type));
    }

    private void append(ByteBuffer b) {
        byte[] bytes = new byte[b.capacity()];
        b.get(0, bytes);
        file.writeBytes(bytes);
    }

    private int sector() {
        return file.size() / SECTOR;
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
