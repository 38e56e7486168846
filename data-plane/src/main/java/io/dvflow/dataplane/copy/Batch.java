package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.Run;
import java.util.List;

/** Work for one worker at a time: at most one request to the source. */
sealed interface Batch {

    /** Nothing to fetch. */
    record Zeros(long guest, long length) implements Batch {}

    /**
     * One range of the source with the bytes of several runs, in the order in which they come.
     *
     * @param runs ascending by place in the source, not overlapping there
     */
    record Extents(long hostFrom, long hostTo, List<Run.Data> runs) implements Batch {}

    /**
     * One range of the source that is held in memory as a whole: its clusters are compressed, and may share sectors; what
     * lies uncompressed between them comes along, so that nothing is fetched twice.
     *
     * @param runs ascending by guest offset; {@link Run.Data} and {@link Run.Compressed}
     */
    record Clusters(long hostFrom, long hostTo, List<Run.Stored> runs) implements Batch {}

    /**
     * One range of the source with several blocks, or a large one, unpacked as they come.
     *
     * @param runs ascending by place in the source, not overlapping there
     */
    record Packed(long hostFrom, long hostTo, List<Run.Packed> runs) implements Batch {}
}
