package io.dvflow.dataplane.source.vddk;

import io.dvflow.dataplane.source.vddk.VSphereApi.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A disk as a machine, or a snapshot of it, has it.
 *
 * @param objectId the same for a disk in all snapshots
 * @param files the file that is written, and those beneath it
 * @param changeId up to where changes are counted; empty where nobody counts
 */
record VSphereDisk(long key, String objectId, List<String> files, long capacity, String changeId) {

    static final String DEVICES = "config.hardware.device";

    private static final int LONGEST_CHAIN = 256;

    /** The disks of a machine or of a snapshot. */
    static List<VSphereDisk> of(VSphereApi api, Reference owner) {
        return api.property(owner, DEVICES).stream()
                .flatMap(devices -> devices.all("VirtualDevice"))
                .filter(device -> device.type().equals("VirtualDisk"))
                .map(VSphereDisk::of)
                .toList();
    }

    String file() {
        return files.getFirst();
    }

    private static VSphereDisk of(Xml device) {
        long bytes = device.numberOf("capacityInBytes");
        return new VSphereDisk(
                device.numberOf("key"),
                device.textOf("diskObjectId"),
                files(device),
                bytes > 0 ? bytes : device.numberOf("capacityInKB") * 1024,
                device.textOf("backing", "changeId"));
    }

    private static List<String> files(Xml device) {
        List<String> files = new ArrayList<>();
        Optional<Xml> backing = device.find("backing");
        while (backing.isPresent() && files.size() < LONGEST_CHAIN) {
            files.add(backing.get().textOf("fileName"));
            backing = backing.get().find("parent");
        }
        return files.isEmpty() ? List.of("") : files;
    }
}
