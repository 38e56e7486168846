package io.dvflow.dataplane.image;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Says once, from the first bytes, what a source holds. Nothing later may contradict it. */
public final class FormatProbe {

    private FormatProbe() {}

    /** What this release reads. */
    public enum Format {
        RAW,
        QCOW,
        QCOW2,
        VMDK,
        VDI,
        VHD,
        FIXED_VHD,
        VHDX
    }

    private record Signature(String name, int offset, byte[] bytes) {
        boolean matches(byte[] first) {
            return first.length >= offset + bytes.length
                    && Arrays.equals(first, offset, offset + bytes.length, bytes, 0, bytes.length);
        }
    }

    private record Known(Format format, Signature signature) {}

    /** The first that matches counts. */
    private static final List<Known> KNOWN = List.of(
            new Known(Format.QCOW, signature("qcow version 1", 0, 'Q', 'F', 'I', 0xfb, 0, 0, 0, 1)),
            new Known(Format.QCOW2, signature("qcow", 0, 'Q', 'F', 'I', 0xfb)),
            new Known(Format.VMDK, signature("vmdk (sparse)", 0, 'K', 'D', 'M', 'V')),
            new Known(Format.VDI, signature("vdi", 0x40, 0x7f, 0x10, 0xda, 0xbe)),
            new Known(Format.VHD, signature("vhd (dynamic)", 0, "conectix")),
            new Known(Format.VHDX, signature("vhdx", 0, "vhdxfile")));

    private static final String TAR = "tar";

    private static final Signature DESCRIPTOR = signature("vmdk (descriptor file)", 0, "# Disk DescriptorFile");

    /** An MBR, a GPT, an ISO 9660 file system and anything else that is not listed is a raw disk. */
    private static final List<Signature> NOT_YET = List.of(
            signature("vmdk (ESX sparse)", 0, 'C', 'O', 'W', 'D'),
            signature("vmdk (ESX space-efficient sparse)", 0, 0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0),
            signature("qed", 0, 'Q', 'E', 'D', 0),
            signature("bzip2", 0, "BZh"),
            signature("lz4", 0, 0x04, 0x22, 0x4d, 0x18),
            signature("zip", 0, 'P', 'K', 3, 4),
            signature("7z", 0, '7', 'z', 0xbc, 0xaf, 0x27, 0x1c),
            signature(TAR, 257, "ustar"));

    private static final Set<String> PACKED = Set.of("bzip2", "lz4", "zip", "7z");

    public static Format probe(byte[] first) {
        for (Known known : KNOWN) {
            if (known.signature.matches(first)) {
                return known.format;
            }
        }
        if (DESCRIPTOR.matches(first)) {
            throw new TransferFailure(
                    FailureReason.HOSTILE_IMAGE,
                    "Unable to process data: the source is " + DESCRIPTOR.name
                            + ", which only names the files of a disk,"
                            + " and dvflow never opens what an image names. Make one file of them first (qemu-img convert"
                            + " -f vmdk -O qcow2, or export the disk as an OVA)");
        }
        for (Signature signature : NOT_YET) {
            if (signature.matches(first)) {
                throw new TransferFailure(
                        FailureReason.UNSUPPORTED_FORMAT,
                        "Unable to process data: the source is " + signature.name
                                + ", which is not supported as a disk image by this release. "
                                + whatToDo(signature.name));
            }
        }
        if (looksLikeHtml(first)) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: Unexpected content type 'text/html'. Content might not be a KubeVirt"
                            + " image: the source is a web page. Check that the URL names the image itself and needs no"
                            + " login page");
        }
        return Format.RAW;
    }

    private static String whatToDo(String name) {
        if (name.equals(TAR)) {
            return "Serve the disk that is in it; or, if its files are to be unpacked into a file system, set contentType"
                    + " archive";
        }
        return PACKED.contains(name)
                ? "Pack it again with gzip, xz or zstd, or serve what is in it"
                : "Convert it to raw or qcow2 (qemu-img convert -O qcow2)";
    }

    private static boolean looksLikeHtml(byte[] first) {
        String text = new String(first, 0, Math.min(first.length, 256), StandardCharsets.ISO_8859_1)
                .stripLeading()
                .toLowerCase(Locale.ROOT);
        return text.startsWith("<!doctype html") || text.startsWith("<html");
    }

    private static Signature signature(String name, int offset, int... bytes) {
        byte[] raw = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            raw[i] = (byte) bytes[i];
        }
        return new Signature(name, offset, raw);
    }

    private static Signature signature(String name, int offset, String text) {
        return new Signature(name, offset, text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
