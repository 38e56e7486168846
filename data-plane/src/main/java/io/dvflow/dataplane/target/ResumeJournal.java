package io.dvflow.dataplane.target;

import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Keeps the resume map beside what is written, so that it is true of this volume whatever becomes of pod and worker. */
public final class ResumeJournal {

    public static final String NAME = ".dvflow-journal.json";

    private static final long LARGEST = 1 << 20;

    private final Path file;
    private final Path draft;

    public ResumeJournal(Path directory) {
        this.file = directory.resolve(NAME);
        this.draft = directory.resolve(NAME + ".new");
    }

    /**
     * What is on the volume.
     *
     * @param requestedBytes of the plan it was made for
     * @param finishedSize size of the finished disk, as computed when the volume was still empty
     */
    public record Entry(String operationId, long requestedBytes, long finishedSize, ResumeMap map) {}

    /** Empty if there is none, or none that can be read: then nothing is known of the disk beside it. */
    public Optional<Entry> read() throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST) {
            return Optional.empty();
        }
        try {
            Entry entry = TransferJson.read(Files.readString(file), Entry.class);
            boolean whole = entry.map() != null
                    && entry.operationId() != null
                    && entry.map().source() != null;
            return whole ? Optional.of(entry) : Optional.empty();
        } catch (IllegalArgumentException | NoSuchFileException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Either the old or the new entry is there after a crash, never half of one. */
    public void write(Entry entry) throws IOException {
        byte[] json = TransferJson.write(entry).getBytes(StandardCharsets.UTF_8);
        try {
            writeDraft(json);
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw e;
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void writeDraft(byte[] json) throws IOException {
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(json);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    public void delete() throws IOException {
        Files.deleteIfExists(draft);
        Files.deleteIfExists(file);
    }
}
