package io.dvflow.activities.transfer;

import io.dvflow.activities.transfer.source.SourceSetup;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferPlan.ContentType;
import io.dvflow.transfer.TransferTarget;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.transfer.TransferProgress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What a transfer pod is told. Pure. */
final class TransferPlans {

    static final String DATA_DIRECTORY = "/data";
    static final String SCRATCH_DIRECTORY = "/scratch";
    static final String BLOCK_DEVICE = "/dev/cdi-block-volume";

    /** An object's annotations may have 256 KiB in all, and users' own may be among them. */
    private static final int LONGEST_MAP = 128 * 1024;

    private TransferPlans() {}

    /**
     * @param soFar what earlier pods have come to
     * @param insecureRegistries whose certificates go unchecked
     */
    static TransferPlan of(
            DataVolume object, ImportPlan plan, TransferProgress soFar, List<String> insecureRegistries) {
        return new TransferPlan(
                object.getMetadata().getUid(),
                soFar.restarts() + 1,
                SourceSetup.of(object, insecureRegistries, plan.checkpoint()).source(),
                isBlock(plan)
                        ? new TransferTarget.BlockDevice(BLOCK_DEVICE)
                        : new TransferTarget.DiskFile(DATA_DIRECTORY),
                contentType(object),
                plan.diskBytes(),
                plan.filesystemOverhead(),
                plan.preallocate(),
                soFar.scratch().map(_ -> SCRATCH_DIRECTORY),
                isVerified(object),
                soFar.durable().map(TransferPlans::fitting));
    }

    private static ContentType contentType(DataVolume object) {
        return switch (io.dvflow.api.v1beta1.ContentType.of(object.getSpec().contentType())) {
            case KUBEVIRT -> ContentType.KUBEVIRT;
            case ARCHIVE -> ContentType.ARCHIVE;
        };
    }

    private static boolean isVerified(DataVolume object) {
        return Optional.ofNullable(object.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(DvflowAnnotations.VERIFY))
                .filter("true"::equals)
                .isPresent();
    }

    static boolean isBlock(ImportPlan plan) {
        return "Block".equals(plan.volumeMode());
    }

    /** Leaves out the smallest ranges of a map that is too long to hand over: moving them again costs least. */
    private static ResumeMap fitting(ResumeMap map) {
        ResumeMap fitting = map;
        while (TransferJson.write(fitting).length() > LONGEST_MAP) {
            // A mark is less than half as long; one that is not is none of ours.
            fitting =
                    fitting.finished().isEmpty() ? new ResumeMap(map.source(), List.of()) : withoutSmallerHalf(fitting);
        }
        return fitting;
    }

    private static ResumeMap withoutSmallerHalf(ResumeMap map) {
        List<ByteRange> largest = new ArrayList<>(map.finished());
        largest.sort(Comparator.comparingLong(ByteRange::length).reversed());
        List<ByteRange> kept = largest.subList(0, largest.size() / 2).stream()
                .sorted(Comparator.comparingLong(ByteRange::offset))
                .toList();
        return new ResumeMap(map.source(), kept, map.stream());
    }
}
