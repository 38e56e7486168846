package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.TransferSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An image that lies at several addresses. Connections are spread over those that have the same bytes as the first one
 * that answered, by length and strong validator; when one gives up, the others go on at the byte where it stopped. Where a
 * checksum will be held against every byte in order, the same length is enough to take another's place.
 */
public final class MirroredSource implements ImageSource {

    private final HttpAccess access;
    private final List<Mirror> mirrors;
    private final boolean checked;
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicBoolean mixed = new AtomicBoolean();

    private MirroredSource(HttpAccess access, List<Mirror> mirrors, boolean checked) {
        this.access = access;
        this.mirrors = mirrors;
        this.checked = checked;
    }

    /**
     * The image at the first address that answers.
     *
     * @throws TransferFailure as the first address gives rise to, if none does
     */
    public static ImageSource open(TransferSource.Http source, HttpAccess access) {
        return source.mirrors().isEmpty()
                ? HttpSource.probe(source, access)
                : open(MirrorAddress.all(source), access, source.checksum().isPresent());
    }

    private static ImageSource open(List<MirrorAddress> addresses, HttpAccess access, boolean checked) {
        Optional<TransferFailure> first = Optional.empty();
        for (int i = 0; i < addresses.size(); i++) {
            try {
                HttpSource found = addresses.get(i).probe(access);
                List<MirrorAddress> others = addresses.subList(i + 1, addresses.size());
                return new MirroredSource(access, MirrorAddress.mirrors(found, others, access), checked);
            } catch (TransferFailure e) {
                first = first.or(() -> Optional.of(e));
                if (i + 1 < addresses.size()) {
                    access.reporter.warning(e.getMessage() + "; trying its mirror "
                            + addresses.get(i + 1).url());
                }
            }
        }
        TransferFailure e = first.orElseThrow();
        throw new TransferFailure(
                e.reason(),
                e.getMessage() + "; none of its " + (addresses.size() - 1) + " mirrors has it either",
                e,
                e.retryAfterSeconds());
    }

    @Override
    public Facts facts() {
        return mirrors.getFirst().source().facts();
    }

    @Override
    public RangeReader ranges() {
        if (mixed.get()) {
            throw new TransferFailure(
                    FailureReason.SOURCE_CHANGED,
                    "Unable to process data: " + facts().pin().url()
                            + " gave up while its bytes were checked, and a mirror took its place");
        }
        return reader(false);
    }

    @Override
    public RangeReader rangesOfAll() {
        return reader(checked);
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return facts().seekable()
                ? new SequentialRanges(
                        rangesOfAll(),
                        from.map(Mark::position).orElse(0L),
                        facts().pin().length())
                : mirrors.getFirst().source().inOrder(from);
    }

    @Override
    public long fetchedBytes() {
        return mirrors.stream()
                .mapToLong(mirror -> mirror.source().fetchedBytes())
                .sum();
    }

    /** @param anyBytes whether what comes is checked, so that every mirror of the same length will do */
    private RangeReader reader(boolean anyBytes) {
        List<Mirror> usable =
                mirrors.stream().filter(mirror -> mirror.isUsable(false)).toList();
        Mirror first = usable.isEmpty()
                ? mirrors.getFirst()
                : usable.get(Math.floorMod(turn.getAndIncrement(), usable.size()));
        return new MirroredRangeReader(first, (given, failure) -> insteadOf(given, failure, anyBytes));
    }

    private Mirror insteadOf(Mirror given, TransferFailure failure, boolean anyBytes) {
        boolean news = given.leftOut().compareAndSet(false, true);
        Mirror next = mirrors.stream()
                .filter(mirror -> mirror.isUsable(anyBytes))
                .findFirst()
                .orElseThrow(() -> failure);
        if (news) {
            access.reporter.warning(failure.getMessage() + "; this mirror is left out from here on, "
                    + next.source().facts().pin().url() + " takes its place");
        }
        if (!next.sameBytes()) {
            mixed.set(true);
        }
        return next;
    }
}
