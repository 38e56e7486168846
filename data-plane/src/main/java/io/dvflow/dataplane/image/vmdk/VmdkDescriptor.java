package io.dvflow.dataplane.image.vmdk;

import io.dvflow.dataplane.image.MetadataReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The text inside an extent that says what disk it belongs to; all that matters is that it is a whole one by itself. */
final class VmdkDescriptor {

    private static final int MOST_BYTES = 64 << 10;
    private static final Set<String> WHOLE_DISKS = Set.of("monolithicsparse", "streamoptimized");
    private static final Set<String> NO_PARENT = Set.of("ffffffff", "");
    private static final Set<String> ACCESS = Set.of("rw", "rdonly", "noaccess");

    private VmdkDescriptor() {}

    /** Throws unless the file is a disk that needs no other. */
    static void check(VmdkHeader header, MetadataReader file) {
        if (header.descriptorOffset() == 0 || header.descriptorBytes() == 0) {
            throw VmdkHeader.REFUSAL.unsupported(
                    "it has no descriptor, so it is one of the several files of a disk. Make"
                            + " one of them first with qemu-img convert -f vmdk -O qcow2, from the descriptor file");
        }
        if (header.descriptorBytes() > MOST_BYTES) {
            throw VmdkHeader.REFUSAL.hostile("it claims a descriptor of " + header.descriptorBytes() + " bytes; "
                    + MOST_BYTES + " are the most that make sense");
        }
        if (!file.holds(header.descriptorOffset(), header.descriptorBytes())) {
            throw VmdkHeader.REFUSAL.corrupt("it ends within its descriptor, after " + file.fileLength() + " bytes");
        }
        List<String> lines = text(file.read(header.descriptorOffset(), (int) header.descriptorBytes()))
                .lines()
                .map(line -> line.strip().toLowerCase(Locale.ROOT))
                .toList();
        checkType(lines);
        checkParent(lines);
        checkExtents(lines);
    }

    private static String text(ByteBuffer bytes) {
        String all = StandardCharsets.ISO_8859_1.decode(bytes).toString();
        int end = all.indexOf('\0');
        return end < 0 ? all : all.substring(0, end);
    }

    private static void checkType(List<String> lines) {
        String type = value(lines, "createtype");
        if (!WHOLE_DISKS.contains(type)) {
            throw VmdkHeader.REFUSAL.hostile("its descriptor calls it '" + type
                    + "', which is not a disk in one file, and dvflow never opens what an image names. Make one file of it"
                    + " first with qemu-img convert -f vmdk -O qcow2");
        }
        if (lines.stream().anyMatch(line -> line.startsWith("encryption."))) {
            throw VmdkHeader.REFUSAL.hostile("it is encrypted. Decrypt it first in VMware");
        }
    }

    private static void checkParent(List<String> lines) {
        boolean hint = lines.stream().anyMatch(line -> line.startsWith("parentfilenamehint"));
        if (hint || !NO_PARENT.contains(value(lines, "parentcid"))) {
            throw VmdkHeader.REFUSAL.hostile(
                    "it holds only the differences to another image, and dvflow never opens what"
                            + " an image names. Merge them first with qemu-img convert -f vmdk -O qcow2");
        }
    }

    private static void checkExtents(List<String> lines) {
        List<String[]> extents = lines.stream()
                .map(line -> line.split("\\s+"))
                .filter(words -> ACCESS.contains(words[0]))
                .toList();
        boolean one = extents.size() == 1 && extents.getFirst().length >= 4;
        if (!one || !extents.getFirst()[2].equals("sparse")) {
            throw VmdkHeader.REFUSAL.hostile(
                    "its descriptor names " + extents.size() + " extents, not this file alone, and"
                            + " dvflow never opens what an image names. Make one file of it first with qemu-img convert -f vmdk -O"
                            + " qcow2");
        }
    }

    private static String value(List<String> lines, String key) {
        return lines.stream()
                .map(line -> line.split("=", 2))
                .filter(pair -> pair.length == 2 && pair[0].strip().equals(key))
                .map(pair -> pair[1].strip().replace("\"", ""))
                .findFirst()
                .orElse("");
    }
}
