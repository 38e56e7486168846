package io.dvflow.e2e;

import java.util.List;

/**
 * A format that qemu-img makes.
 *
 * @param driver what qemu-img calls it
 * @param options of {@code qemu-img convert}
 */
record ImageFormat(String driver, List<String> options) {

    /** @param name what qemu-img calls it, or one of the variants below */
    static ImageFormat named(String name) {
        return switch (name) {
            case "qcow2-v2" -> of("qcow2", "-o", "compat=0.10");
            case "qcow2-zlib" -> of("qcow2", "-c");
            case "qcow2-zstd" -> of("qcow2", "-c", "-o", "compression_type=zstd");
            case "qcow2-extended" -> of("qcow2", "-o", "extended_l2=on");
            case "vmdk-stream" -> of("vmdk", "-o", "subformat=streamOptimized");
            case "vhd" -> of("vpc");
            case "vhd-fixed" -> of("vpc", "-o", "subformat=fixed");
            case "iso" -> of("raw");
            default -> of(name);
        };
    }

    private static ImageFormat of(String driver, String... options) {
        return new ImageFormat(driver, List.of(options));
    }
}
