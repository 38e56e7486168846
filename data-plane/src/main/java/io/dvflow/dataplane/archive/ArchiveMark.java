package io.dvflow.dataplane.archive;

import io.dvflow.transfer.Mark;
import io.dvflow.transfer.TransferJson;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A place from which unpacking an archive can be taken up: between two entries, or within the content of a file.
 *
 * @param position in the archive, packed or not
 */
record ArchiveMark(long position, State state, Optional<Mark> below) {

    private static final String KIND = "kind";
    private static final String TAR = "tar";
    private static final String STATE = "state";

    static final ArchiveMark BEGINNING =
            new ArchiveMark(0, new State(Used.NOTHING, List.of(), Optional.empty(), false), Optional.empty());

    /**
     * What has to be known beside the place.
     *
     * @param way the directories that were open, from the root down: their modes and times are set when they are left
     * @param file what was being written, in the last of them
     * @param whole whether all has been unpacked, and only has to be put in its place
     */
    record State(Used used, List<Level> way, Optional<OpenFile> file, boolean whole) {
        State {
            way = List.copyOf(way);
            file = file == null ? Optional.empty() : file;
        }
    }

    /** @param modified empty for a directory that is no entry of its own: it has the time at which it was filled */
    record Level(String name, int mode, Optional<Instant> modified) {
        Level {
            modified = modified == null ? Optional.empty() : modified;
        }
    }

    /**
     * A file half-way.
     *
     * @param inode so that no other file is taken for it
     * @param dataAt where in the archive its content begins
     * @param nextAt where the next header is
     */
    record OpenFile(String name, long inode, int mode, Instant modified, long size, long dataAt, long nextAt) {}

    /** Reads one that {@link #toMark} has made; empty if it is none, or makes no sense. */
    static Optional<ArchiveMark> of(Mark mark) {
        if (!TAR.equals(mark.state().get(KIND))) {
            return Optional.empty();
        }
        try {
            State state = TransferJson.read(mark.state().getOrDefault(STATE, ""), State.class);
            return Optional.of(new ArchiveMark(mark.position(), state, mark.below()))
                    .filter(ArchiveMark::makesSense);
        } catch (IllegalArgumentException e) {
            // The volume may have been in other hands meanwhile.
            return Optional.empty();
        }
    }

    Mark toMark() {
        return new Mark(position, Map.of(KIND, TAR, STATE, TransferJson.write(state)), below);
    }

    private boolean makesSense() {
        return state.used != null
                && state.way.stream().allMatch(level -> EntryPath.isName(level.name))
                && state.file.stream()
                        .allMatch(file -> EntryPath.isName(file.name)
                                && file.modified != null
                                && file.dataAt <= position
                                && position <= file.dataAt + file.size);
    }
}
