package io.dvflow.dataplane.archive;

import io.dvflow.dataplane.copy.Ledger;
import io.dvflow.dataplane.copy.StreamSink;
import io.dvflow.dataplane.foreign.LinuxDirectory;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.dataplane.target.TargetTrouble;
import io.dvflow.transfer.Mark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Takes an archive, and unpacks it into a tree. */
public final class ArchiveSink implements StreamSink {

    private final TreeTarget target;
    private final MarkDistance distance;
    private final Reporter reporter;
    private final long atLeast;

    /** @param atLeast bytes that the archive is known to hold */
    public ArchiveSink(TreeTarget target, long atLeast, MarkDistance distance, Reporter reporter) {
        this.target = target;
        this.distance = distance;
        this.reporter = reporter;
        this.atLeast = atLeast;
    }

    @Override
    public ResumableTarget target() {
        return target;
    }

    @Override
    public void startFresh(ImageSource.Facts facts) {
        target.startFresh(facts.leastLength());
    }

    @Override
    public Optional<Mark> placeInStream(Mark mark) {
        return ArchiveMark.of(mark).flatMap(ArchiveMark::below);
    }

    @Override
    public long take(SequentialReader reader, Optional<Mark> from, Ledger ledger, StopSignal stop) {
        ArchiveMark start = from.flatMap(ArchiveMark::of).orElse(ArchiveMark.BEGINNING);
        Used used = start.state().used();
        try (LinuxDirectory root = target.openTree();
                Tree tree = Tree.open(root, start.state().way())) {
            Room room = new Room(target.limit(used), atLeast, used);
            long betweenMarks = Math.min(distance.source(), distance.stream());
            return new Extraction(target, reporter, betweenMarks, reader, ledger, room, tree, stop).run(start);
        } catch (IOException e) {
            throw TargetTrouble.of("go on unpacking into", Path.of(target.directory()), e);
        }
    }
}
