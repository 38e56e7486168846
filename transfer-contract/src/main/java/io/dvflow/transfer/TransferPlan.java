package io.dvflow.transfer;

import java.util.Optional;

/**
 * What a transfer pod is to do.
 *
 * @param operationId UID of the DataVolume; ends up in every log line and in the resume journal
 * @param attempt number of this pod among the pods of the operation, from 1
 * @param source where the bytes come from
 * @param target where they go
 * @param contentType what the bytes are
 * @param requestedBytes virtual size the finished disk shall have; the image may be smaller (it is grown) but not larger
 * @param filesystemOverhead share of a file system that the disk must leave free, 0 to 1; 0 on block devices
 * @param preallocate whether every byte is allocated before the transfer is called done
 * @param scratchDirectory where the source may be kept while it is read, if it was asked for with
 *     {@link FailureReason#SCRATCH_REQUIRED}
 * @param verify whether the finished disk is read back and compared with the source
 * @param resumeFrom what an earlier attempt has already made durable, when the worker knows of any
 */
public record TransferPlan(
        String operationId,
        int attempt,
        TransferSource source,
        TransferTarget target,
        ContentType contentType,
        long requestedBytes,
        double filesystemOverhead,
        boolean preallocate,
        Optional<String> scratchDirectory,
        boolean verify,
        Optional<ResumeMap> resumeFrom) {

    public TransferPlan {
        scratchDirectory = scratchDirectory == null ? Optional.empty() : scratchDirectory;
        resumeFrom = resumeFrom == null ? Optional.empty() : resumeFrom;
        if (requestedBytes <= 0) {
            throw new IllegalArgumentException(
                    "Transfer plan of " + operationId + ": requestedBytes is " + requestedBytes + ", must be positive");
        }
    }

    /** The plan of the next attempt, which may build on what this one has made durable. */
    public TransferPlan resumingFrom(ResumeMap map) {
        return new TransferPlan(
                operationId,
                attempt + 1,
                source,
                target,
                contentType,
                requestedBytes,
                filesystemOverhead,
                preallocate,
                scratchDirectory,
                verify,
                Optional.of(map));
    }

    /** Meaning of the transferred bytes, as {@code DataVolume.spec.contentType}. */
    public enum ContentType {
        /** One virtual-machine disk image. */
        KUBEVIRT,
        /** A tar archive of files, from an http, s3 or gcs source into a file system; {@code requestedBytes} is the most it may take. */
        ARCHIVE
    }
}
