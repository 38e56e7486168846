package io.dvflow.dataplane.image.vhdx;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.vhdx.VhdxRegions.Region;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What the metadata region says of the disk (MS-VHDX 2.6). */
record VhdxMetadata(long virtualSize, int blockSize) {

    private static final byte[] SIGNATURE = "metadata".getBytes(StandardCharsets.ISO_8859_1);
    private static final int TABLE_BYTES = 64 << 10;
    private static final int MOST_ENTRIES = 2047;
    private static final int ENTRY_BYTES = 32;
    private static final int REQUIRED = 4;

    private static final UUID FILE_PARAMETERS = UUID.fromString("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
    private static final UUID VIRTUAL_SIZE = UUID.fromString("2fa54224-cd1b-4876-b211-5dbed83bf4b8");
    private static final UUID LOGICAL_SECTOR = UUID.fromString("8141bf1d-a96f-4709-ba47-f233a8faab5f");
    private static final UUID PHYSICAL_SECTOR = UUID.fromString("cda348c7-445d-4471-9cc9-e9885251c556");
    private static final UUID DISK_ID = UUID.fromString("beca12ab-b2e6-4523-93ef-c309e000c746");
    private static final UUID PARENT_LOCATOR = UUID.fromString("a8d35f2d-b30b-454d-abf7-d3d84834ab0c");
    private static final Set<UUID> UNDERSTOOD =
            Set.of(FILE_PARAMETERS, VIRTUAL_SIZE, LOGICAL_SECTOR, PHYSICAL_SECTOR, DISK_ID, PARENT_LOCATOR);

    private static final int HAS_PARENT = 2;
    private static final long SMALLEST_BLOCK = 1 << 20;
    private static final long LARGEST_BLOCK = 256 << 20;
    /** The format's own limit, 64 TiB. */
    private static final long LARGEST = 64L << 40;

    static VhdxMetadata read(MetadataReader file, Region region) {
        Items items = Items.read(file, region);
        ByteBuffer parameters = items.of(FILE_PARAMETERS, "file parameters", 8);
        if ((parameters.getInt(4) & HAS_PARENT) != 0) {
            throw VhdxHeader.REFUSAL.hostile(
                    "it holds only the differences to another image, and dvflow never opens what"
                            + " an image names. Merge them first with Merge-VHD");
        }
        long sector = Integer.toUnsignedLong(
                items.of(LOGICAL_SECTOR, "logical sector size", 4).getInt(0));
        if (sector != DiskImage.SECTOR) {
            throw VhdxHeader.REFUSAL.unsupported("its disk has sectors of " + sector + " bytes; one with sectors of "
                    + DiskImage.SECTOR + " bytes is what a virtual machine gets");
        }
        long virtualSize = items.of(VIRTUAL_SIZE, "virtual disk size", 8).getLong(0);
        return new VhdxMetadata(
                checkedSize(virtualSize), checkedBlockSize(Integer.toUnsignedLong(parameters.getInt(0))));
    }

    private static int checkedBlockSize(long size) {
        if (Long.bitCount(size) != 1 || size < SMALLEST_BLOCK || size > LARGEST_BLOCK) {
            throw VhdxHeader.REFUSAL.hostile("it claims blocks of " + size + " bytes; powers of two from "
                    + SMALLEST_BLOCK + " to " + LARGEST_BLOCK + " exist");
        }
        return (int) size;
    }

    private static long checkedSize(long size) {
        if (size <= 0 || size > LARGEST || size % DiskImage.SECTOR != 0) {
            throw VhdxHeader.REFUSAL.hostile("it claims a virtual size of " + Long.toUnsignedString(size)
                    + " bytes; whole sectors up to 64 TiB exist");
        }
        return size;
    }

    /** Where the items lie. */
    private record Items(MetadataReader file, Region region, Map<UUID, Region> places) {

        static Items read(MetadataReader file, Region region) {
            if (region.length() < TABLE_BYTES) {
                throw VhdxHeader.REFUSAL.corrupt(
                        "its metadata has " + region.length() + " bytes, its table alone " + TABLE_BYTES);
            }
            ByteBuffer table = file.read(region.offset(), TABLE_BYTES);
            byte[] signature = new byte[SIGNATURE.length];
            table.get(0, signature);
            int entries = table.getShort(10) & 0xffff;
            if (!Arrays.equals(signature, SIGNATURE) || entries > MOST_ENTRIES) {
                throw VhdxHeader.REFUSAL.corrupt("where its metadata should be is none");
            }
            Map<UUID, Region> places = new HashMap<>();
            for (int i = 0; i < entries; i++) {
                add(table, 32 + i * ENTRY_BYTES, places);
            }
            return new Items(file, region, places);
        }

        private static void add(ByteBuffer table, int at, Map<UUID, Region> places) {
            UUID id = Guid.at(table, at);
            if (!UNDERSTOOD.contains(id)) {
                if ((table.getInt(at + 24) & REQUIRED) != 0) {
                    throw VhdxHeader.REFUSAL.unsupported("it has a metadata item " + id + " that must be understood");
                }
                return;
            }
            Region place = new Region(
                    Integer.toUnsignedLong(table.getInt(at + 16)), Integer.toUnsignedLong(table.getInt(at + 20)));
            if (places.put(id, place) != null) {
                throw VhdxHeader.REFUSAL.corrupt("its metadata names item " + id + " twice");
            }
        }

        ByteBuffer of(UUID id, String name, int bytes) {
            Region place = Optional.ofNullable(places.get(id))
                    .orElseThrow(() -> VhdxHeader.REFUSAL.corrupt("its metadata names no " + name));
            if (place.length() < bytes || place.offset() < TABLE_BYTES || place.offset() > region.length() - bytes) {
                throw VhdxHeader.REFUSAL.corrupt("the " + name + " of " + place.length() + " bytes lies at "
                        + place.offset() + " of " + region.length() + " bytes of metadata");
            }
            return file.read(region.offset() + place.offset(), bytes);
        }
    }
}
