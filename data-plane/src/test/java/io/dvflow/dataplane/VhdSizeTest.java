package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.image.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A virtual hard disk has a size and a geometry that make different ones, and one without blocks looks like a raw disk. */
class VhdSizeTest {

    private static final int CREATOR = 28;
    private static final int CURRENT_SIZE = 48;
    private static final int CYLINDERS = 56;
    private static final int TYPE = 60;
    private static final long SIZE = (5 << 20) + 512;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "vpc ", "qem2", "win ", "d2v ", "CTXS", "tap\0"})
    void theProgramThatMadeItSaysWhichCounts(String creator) throws IOException {
        byte[] image = image();
        ByteBuffer.wrap(image).put(CREATOR, creator.getBytes(StandardCharsets.ISO_8859_1));
        Seals.sealVhd(ByteBuffer.wrap(image));

        assertThat(new MemorySource(image).open().virtualSize()).isEqualTo(asQemuSeesIt(image));
    }

    /** As in newer versions of qemu; the one that tests compare with would cut the disk. */
    @Test
    void theSizeCountsForAzure() throws IOException {
        byte[] image = image();
        ByteBuffer.wrap(image).put(CREATOR, new byte[] {'w', 'a', 0, 0});
        Seals.sealVhd(ByteBuffer.wrap(image));

        assertThat(new MemorySource(image).open().virtualSize())
                .isEqualTo(ByteBuffer.wrap(image).getLong(CURRENT_SIZE));
    }

    @Test
    void theSizeCountsWhereTheGeometryIsAtItsTop() throws IOException {
        byte[] image = image();
        ByteBuffer.wrap(image).putShort(CYLINDERS, (short) 65535).put(CYLINDERS + 2, new byte[] {16, (byte) 255});
        Seals.sealVhd(ByteBuffer.wrap(image));

        assertThat(new MemorySource(image).open().virtualSize())
                .isEqualTo(asQemuSeesIt(image))
                .isEqualTo(ByteBuffer.wrap(image).getLong(CURRENT_SIZE));
    }

    @Test
    void aFooterMakesAFixedDisk() throws IOException {
        byte[] image = fixed();

        DiskImage disk = new MemorySource(image).open();

        assertThat(disk.format()).isEqualTo("vpc");
        assertThat(disk.virtualSize()).isEqualTo(image.length - 512);
    }

    @Test
    void aFixedDiskAtTheEndOfARawDiskDoesNot() throws IOException {
        byte[] inner = fixed();
        byte[] outer = new byte[inner.length + (3 << 20)];
        System.arraycopy(inner, 0, outer, 3 << 20, inner.length);

        assertIsRaw(outer);
    }

    @Test
    void aFooterThatIsNotAsItWasDoesNot() throws IOException {
        byte[] image = fixed();
        image[image.length - 100] = 1;

        assertIsRaw(image);
    }

    @Test
    void aFooterOfAnotherKindDoesNot() throws IOException {
        byte[] image = fixed();
        ByteBuffer.wrap(image).putInt(image.length - 512 + TYPE, 3);
        Seals.sealFixedVhd(ByteBuffer.wrap(image));

        assertIsRaw(image);
    }

    private static void assertIsRaw(byte[] image) {
        DiskImage disk = new MemorySource(image).open();
        assertThat(disk.format()).isEqualTo("raw");
        assertThat(disk.virtualSize()).isEqualTo(image.length);
    }

    private byte[] image(String... options) throws IOException {
        Path raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 17);
        return Files.readAllBytes(TestImages.image(raw, "vpc", directory.resolve("image"), List.of(options)));
    }

    private byte[] fixed() throws IOException {
        return image("-o", "subformat=fixed,force_size=on");
    }

    private long asQemuSeesIt(byte[] image) throws IOException {
        Path file = Files.write(directory.resolve("patched"), image);
        String info = Shell.run("qemu-img", "info", "-f", "vpc", "--output=json", file);
        Matcher size = Pattern.compile("\"virtual-size\": (\\d+)").matcher(info);
        assertThat(size.find()).as(info).isTrue();
        return Long.parseLong(size.group(1));
    }
}
