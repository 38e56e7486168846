package io.dvflow.dataplane.source.vddk;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.vddk.VSphereApi.Reference;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.TransferSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is to be read, as the server sees it.
 *
 * @param machine ID of the virtual machine
 * @param snapshot ID of the snapshot that is read, if it is one
 * @param file the disk file to open
 * @param content what the same bytes can be known by later: a snapshot never changes; the disk of a machine that is off is
 *     the same while its change ID is; anything else is not known
 * @param changed what is read of it; empty for all
 */
record VSphereStage(
        String machine,
        Optional<String> snapshot,
        String file,
        Optional<String> content,
        Optional<List<ByteRange>> changed) {

    /** As in {@code 52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63/81}. */
    private static final Pattern CHANGE_ID =
            Pattern.compile("([0-9a-fA-F]{2}\\s?)+-([0-9a-fA-F]{2}\\s?)+/[0-9a-fA-F]+");

    private static final int MOST_AREAS = 500_000;

    /** @throws TransferFailure if something that the source names is not there */
    static VSphereStage find(VSphereApi api, TransferSource.Vddk source) {
        Owner owner = owner(api, source);
        if (source.checkpoint().isEmpty()) {
            return new VSphereStage(
                    owner.machine().id(),
                    Optional.empty(),
                    source.backingFile(),
                    contentNow(api, owner),
                    Optional.empty());
        }
        Checkpoint checkpoint = source.checkpoint().get();
        Reference snapshot = snapshot(api, owner, checkpoint.current());
        VSphereDisk disk = inSnapshot(api, snapshot, owner.disk());
        Optional<String> changeId = checkpoint.previous().map(previous -> changeId(api, owner, previous));
        return new VSphereStage(
                owner.machine().id(),
                Optional.of(snapshot.id()),
                disk.file(),
                Optional.of("snapshot " + snapshot.id() + " of " + disk.file()
                        + changeId.map(id -> " since " + id).orElse("")),
                changeId.map(id -> changed(api, owner.machine(), snapshot, disk, id)));
    }

    /** A machine, and which of its disks is meant. */
    private record Owner(Reference machine, VSphereDisk disk) {}

    /** Among machines with the same UUID, the one that has the disk. */
    private static Owner owner(VSphereApi api, TransferSource.Vddk source) {
        List<Reference> machines = api.machinesByUuid(source.vmUuid());
        if (machines.isEmpty()) {
            throw notFound("no virtual machine has the UUID " + source.vmUuid() + ". Check uuid of the source");
        }
        List<String> seen = new ArrayList<>();
        for (Reference machine : machines) {
            for (VSphereDisk disk : VSphereDisk.of(api, machine)) {
                if (disk.files().contains(source.backingFile())) {
                    return new Owner(machine, disk);
                }
                seen.add(disk.file());
            }
        }
        throw notFound("the virtual machine " + source.vmUuid() + " has no disk '" + source.backingFile() + "'; it has "
                + seen.stream().limit(20).toList() + ". Check backingFile of the source");
    }

    private static Optional<String> contentNow(VSphereApi api, Owner owner) {
        boolean off = api.property(owner.machine(), "runtime.powerState")
                .filter(state -> state.text().equals("poweredOff"))
                .isPresent();
        return off && !owner.disk().changeId().isEmpty()
                ? Optional.of("change " + owner.disk().changeId() + " of "
                        + owner.disk().file())
                : Optional.empty();
    }

    private static Reference snapshot(VSphereApi api, Owner owner, String named) {
        List<Xml> found = new ArrayList<>();
        api.property(owner.machine(), "snapshot").ifPresent(tree -> collect(tree, "rootSnapshotList", named, found));
        if (found.size() != 1) {
            throw notFound("virtual machine " + owner.machine().id() + " has " + (found.isEmpty() ? "no" : "several")
                    + " snapshot '" + named + "'. Check the checkpoints of the DataVolume");
        }
        return Reference.of(found.getFirst().find("snapshot").orElseThrow());
    }

    /** By its ID, as Forklift names it, or by its name. */
    private static void collect(Xml tree, String children, String named, List<Xml> found) {
        tree.all(children).forEach(node -> {
            if (node.textOf("snapshot").equals(named) || node.textOf("name").equals(named)) {
                found.add(node);
            }
            collect(node, "childSnapshotList", named, found);
        });
    }

    private static VSphereDisk inSnapshot(VSphereApi api, Reference snapshot, VSphereDisk wanted) {
        return VSphereDisk.of(api, snapshot).stream()
                .filter(disk -> disk.objectId().equals(wanted.objectId()))
                .findFirst()
                .orElseThrow(() -> notFound("snapshot " + snapshot.id() + " does not hold disk " + wanted.file() + " ("
                        + wanted.objectId() + ")"));
    }

    private static String changeId(VSphereApi api, Owner owner, String previous) {
        if (CHANGE_ID.matcher(previous).matches()) {
            return previous;
        }
        VSphereDisk disk = inSnapshot(api, snapshot(api, owner, previous), owner.disk());
        if (disk.changeId().isEmpty()) {
            throw new TransferFailure(
                    FailureReason.REFUSED_BY_SERVER,
                    "Unable to process data: nobody counts the changes of disk " + disk.file() + " since snapshot "
                            + previous
                            + ". Enable changed block tracking on the virtual machine before its snapshots are"
                            + " taken");
        }
        return disk.changeId();
    }

    /** All pages of it: a server tells about two thousand areas at a time. */
    private static List<ByteRange> changed(
            VSphereApi api, Reference machine, Reference snapshot, VSphereDisk disk, String changeId) {
        List<ByteRange> areas = new ArrayList<>();
        long from = 0;
        while (from < disk.capacity()) {
            Xml page = api.changedAreas(machine, snapshot, disk.key(), from, changeId);
            long start = page.numberOf("startOffset");
            long length = page.numberOf("length");
            if (start != from || length <= 0 || length > disk.capacity() - start) {
                throw api.senseless(
                        "QueryChangedDiskAreas",
                        "about bytes " + start + "+" + length + " when it was asked from byte " + from + " of "
                                + disk.capacity());
            }
            for (Xml area : page.all("changedArea").toList()) {
                add(api, areas, area.numberOf("start"), area.numberOf("length"), from, from + length);
            }
            from += length;
        }
        return areas;
    }

    private static void add(VSphereApi api, List<ByteRange> areas, long start, long length, long from, long to) {
        long after = areas.isEmpty() ? from : Math.max(from, areas.getLast().end());
        if (start < after || length <= 0 || length > to - start) {
            throw api.senseless(
                    "QueryChangedDiskAreas", "with a changed area " + start + "+" + length + " that is out of place");
        }
        if (!areas.isEmpty() && areas.getLast().end() == start) {
            ByteRange before = areas.removeLast();
            areas.add(new ByteRange(before.offset(), before.length() + length));
        } else if (areas.size() < MOST_AREAS) {
            areas.add(new ByteRange(start, length));
        } else {
            throw api.senseless("QueryChangedDiskAreas", "with more than " + MOST_AREAS + " areas");
        }
    }

    private static TransferFailure notFound(String what) {
        return new TransferFailure(FailureReason.NOT_FOUND, "Unable to connect to vddk data source: " + what);
    }
}
