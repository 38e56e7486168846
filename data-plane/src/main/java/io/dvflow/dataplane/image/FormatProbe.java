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
        QCOW2
    }

    private record Signature(String name, int offset, byte[] bytes) {
        boolean matches(byte[] first) {
            return first.length >= offset + bytes.length
                    && Arrays.equals(first, offset, offset + bytes.length, bytes, 0, bytes.length);
        }
    }

    private static final Signature QCOW = signature("qcow", 0, 'Q', 'F', 'I', 0xfb);

    /** An MBR, a GPT, an ISO 9660 file system and anything else that is not listed is a raw disk. */
    private static final List<Signature> NOT_YET = List.of(
            signature("vmdk (sparse)", 0, 'K', 'D', 'M', 'V'),
            signature("vmdk (ESX sparse)", 0, 'C', 'O', 'W', 'D'),
            signature("vmdk (descriptor file)", 0, "# Disk DescriptorFile"),
            signature("vhdx", 0, "vhdxfile"),
            signature("vhd (dynamic)", 0, "conectix"),
            signature("vdi", 0x40, 0x7f, 0x10, 0xda, 0xbe),
            signature("qed", 0, 'Q', 'E', 'D', 0),
            signature("bzip2", 0, "BZh"),
            signature("lz4", 0, 0x04, 0x22, 0x4d, 0x18),
            signature("zip", 0, 'P', 'K', 3, 4),
            signature("7z", 0, '7', 'z', 0xbc, 0xaf, 0x27, 0x1c),
            signature("tar", 257, "ustar"));

    private static final Set<String> PACKED = Set.of("bzip2", "lz4", "zip", "7z");

    public static Format probe(byte[] first) {
        if (QCOW.matches(first)) {
            return Format.QCOW2;
        }
        for (Signature signature : NOT_YET) {
            if (signature.matches(first)) {
                throw new TransferFailure(
                        FailureReason.UNSUPPORTED_FORMAT,
                        "Unable to process data: the source is " + signature.name
                                + ", which is not supported yet by this release. "
                                + (PACKED.contains(signature.name)
                                        ? "Pack it again with gzip, xz or zstd, or serve what is in it"
                                        : "Convert it to raw or qcow2 (qemu-img convert -O qcow2)"));
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
