package io.dvflow.dataplane.image.vhdx;

import io.dvflow.dataplane.image.MetadataReader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Where in the file the block table and the metadata lie (MS-VHDX 2.2.3). There are two equal tables of them. */
record VhdxRegions(Region blockTable, Region metadata) {

    /** Bytes of the file. */
    record Region(long offset, long length) {}

    private static final long[] PLACES = {192 << 10, 256 << 10};
    private static final int BYTES = 64 << 10;
    private static final int SIGNATURE = 0x6967_6572;
    private static final int MOST_ENTRIES = 2047;
    private static final int ENTRY_BYTES = 32;
    private static final UUID BLOCK_TABLE = UUID.fromString("2dc27766-f623-4200-9d64-115e9bfd4a08");
    private static final UUID METADATA = UUID.fromString("8b7ca206-4790-4b9a-b8fe-575f050f886e");

    static VhdxRegions read(MetadataReader file) {
        ByteBuffer table = wholeTable(file);
        long entries = Integer.toUnsignedLong(table.getInt(8));
        if (entries > MOST_ENTRIES) {
            throw VhdxHeader.REFUSAL.hostile(
                    "its region table claims " + entries + " entries; it has room for " + MOST_ENTRIES);
        }
        Map<UUID, Region> regions = new HashMap<>();
        for (int i = 0; i < entries; i++) {
            int at = 16 + i * ENTRY_BYTES;
            UUID id = Guid.at(table, at);
            boolean required = (table.getInt(at + 28) & 1) != 0;
            if (id.equals(BLOCK_TABLE) || id.equals(METADATA)) {
                Region region = region(table, at, file);
                if (regions.put(id, region) != null) {
                    throw VhdxHeader.REFUSAL.corrupt("its region table names region " + id + " twice");
                }
            } else if (required) {
                throw VhdxHeader.REFUSAL.unsupported("it has a region " + id + " that must be understood");
            }
        }
        return new VhdxRegions(found(regions, BLOCK_TABLE, "block table"), found(regions, METADATA, "metadata"));
    }

    private static ByteBuffer wholeTable(MetadataReader file) {
        Optional<ByteBuffer> table = Optional.empty();
        for (int i = 0; table.isEmpty() && i < PLACES.length; i++) {
            table = Optional.of(PLACES[i])
                    .filter(place -> file.holds(place, BYTES))
                    .map(place -> file.read(place, BYTES))
                    .filter(bytes -> VhdxHeader.isWhole(bytes, SIGNATURE));
        }
        return table.orElseThrow(
                () -> VhdxHeader.REFUSAL.corrupt("neither of its region tables is whole: the check sums"
                        + " are wrong, or the file of " + file.fileLength() + " bytes is cut short"));
    }

    private static Region region(ByteBuffer table, int at, MetadataReader file) {
        Region region = new Region(table.getLong(at + 16), Integer.toUnsignedLong(table.getInt(at + 24)));
        if (region.offset < VhdxHeader.MIB || region.offset % VhdxHeader.MIB != 0 || region.length == 0) {
            throw VhdxHeader.REFUSAL.corrupt("a region of " + region.length + " bytes lies at "
                    + Long.toUnsignedString(region.offset) + ", where none can be");
        }
        if (!file.holds(region.offset, region.length)) {
            throw VhdxHeader.REFUSAL.corrupt("a region of " + region.length + " bytes lies at " + region.offset
                    + ", the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
        return region;
    }

    private static Region found(Map<UUID, Region> regions, UUID id, String name) {
        return Optional.ofNullable(regions.get(id))
                .orElseThrow(() -> VhdxHeader.REFUSAL.corrupt("its region table names no " + name));
    }
}
