package io.dvflow.dataplane;

import io.dvflow.dataplane.checksum.Checksum;
import io.dvflow.dataplane.checksum.HashedSource;
import io.dvflow.dataplane.copy.OrderedCopy;
import io.dvflow.dataplane.image.BlankImage;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.FormatProbe;
import io.dvflow.dataplane.image.FormatProbe.Format;
import io.dvflow.dataplane.image.RawImage;
import io.dvflow.dataplane.image.ReadTables;
import io.dvflow.dataplane.image.qcow.QcowImage;
import io.dvflow.dataplane.image.qcow2.Qcow2Image;
import io.dvflow.dataplane.image.vdi.VdiImage;
import io.dvflow.dataplane.image.vhd.VhdImage;
import io.dvflow.dataplane.image.vhdx.VhdxImage;
import io.dvflow.dataplane.image.vmdk.VmdkImage;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.AheadSource;
import io.dvflow.dataplane.source.DiskSource;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.ImageSource.Facts;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.stop.TransferStopped;
import io.dvflow.dataplane.unpack.BlockSource;
import io.dvflow.dataplane.unpack.Contents;
import io.dvflow.dataplane.unpack.PackedRawImage;
import io.dvflow.dataplane.unpack.Unpacking;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferPlan.ContentType;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import java.util.List;
import java.util.Optional;

/** One attempt to carry out a plan, from the first look at the source to the finished disk. */
public final class Transfer {

    private final TransferPlan plan;
    private final TransferSettings settings;
    private final Reporter reporter;
    private final StopSignal stop;
    private DiskFiller filler;

    public Transfer(TransferPlan plan, TransferSettings settings, Reporter reporter, StopSignal stop) {
        this.plan = plan;
        this.settings = settings;
        this.reporter = reporter;
        this.stop = stop;
    }

    /** Does not throw: whatever happens becomes an outcome. */
    public TransferOutcome run() {
        filler = new DiskFiller(plan, settings, reporter, stop);
        try {
            return carryOut();
        } catch (TransferStopped e) {
            return new TransferOutcome.Stopped(filler.timings());
        } catch (TransferFailure e) {
            return failed(e, filler.timings());
        } catch (RuntimeException e) {
            reporter.warning("Unexpected: " + e);
            return new TransferOutcome.Failed(
                    ErrorClass.TRANSIENT,
                    FailureReason.UNKNOWN,
                    "Unable to process data: " + e,
                    Optional.empty(),
                    filler.timings());
        }
    }

    static TransferOutcome.Failed failed(TransferFailure e, List<PhaseTiming> timings) {
        return new TransferOutcome.Failed(
                e.errorClass(), e.reason(), e.getMessage(), e.retryAfterSeconds(), e.scratchBytes(), timings);
    }

    private TransferOutcome carryOut() {
        reporter.report(new TransferReport.Progress(TransferPhase.PROBE, 0, 0, 0, 0, 0, 0, -1));
        if (plan.contentType() == ContentType.ARCHIVE) {
            requireUnpackable();
        }
        return switch (plan.source()) {
            case TransferSource.Blank blank -> filler.fillBlank(BlankImage::new);
            case TransferSource.Http _,
                    TransferSource.S3 _,
                    TransferSource.Gcs _,
                    TransferSource.Registry _,
                    TransferSource.PulledImage _,
                    TransferSource.ImageIo _,
                    TransferSource.Vddk _ -> importOnceMoreIfChanged(plan.source());
        };
    }

    /** What the worker has refused already, in case it has not. */
    private void requireUnpackable() {
        boolean isFile = switch (plan.source()) {
            case TransferSource.Http _, TransferSource.S3 _, TransferSource.Gcs _ -> true;
            case TransferSource.Blank _,
                    TransferSource.Registry _,
                    TransferSource.PulledImage _,
                    TransferSource.ImageIo _,
                    TransferSource.Vddk _ -> false;
        };
        if (!isFile) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Unable to process data: an archive comes from an http, s3 or gcs source; ContentType must be kubevirt"
                            + " for any other");
        }
        if (plan.verify()) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Unable to process data: verification compares a disk with its image, and cannot compare the files of an"
                            + " archive. Give an http source a checksum instead");
        }
    }

    private TransferOutcome importOnceMoreIfChanged(TransferSource named) {
        Optional<Checksum> checksum = named.checksum().map(Checksum::parse);
        try {
            return importFrom(named, checksum);
        } catch (TransferFailure e) {
            if (e.reason() != FailureReason.SOURCE_CHANGED) {
                throw e;
            }
            reporter.warning(e.getMessage() + "; starting anew with what is there now");
            filler = filler.anew();
            return importFrom(named, checksum);
        }
    }

    private TransferOutcome importFrom(TransferSource named, Optional<Checksum> checksum) {
        Optional<SourcePin> earlier = plan.resumeFrom().map(ResumeMap::source);
        try (ImageSource source = new Sources(settings, filler.stop(), reporter).open(named, earlier)) {
            noteIfNothingCanBeTakenUp(source.facts().pin());
            return source instanceof DiskSource disk
                    ? fillFrom(disk)
                    : fillFrom(source, checksum).withLabels(source.labels());
        }
    }

    private TransferOutcome fillFrom(DiskSource disk) {
        boolean delta = plan.source().checkpoint().filter(Checkpoint::isDelta).isPresent();
        TransferOutcome.Complete outcome =
                delta ? filler.change(disk.image(), disk) : filler.fill(disk.image(), disk, Optional.empty());
        disk.succeeded();
        return outcome.withVddk(disk.vddkInfo());
    }

    private TransferOutcome.Complete fillFrom(ImageSource opened, Optional<Checksum> checksum) {
        noteContentType(opened.facts());
        ImageSource fetched = new AheadSource(opened, settings.connections());
        Optional<HashedSource> hashed = checksum.map(expected -> new HashedSource(fetched, expected));
        ImageSource inOrder = hashed.or(() -> offered(opened).map(expected -> new HashedSource(fetched, expected)))
                .<ImageSource>map(each -> each)
                .orElse(fetched);
        Contents contents = Contents.of(opened, inOrder, settings.marks(), reporter);
        if (plan.contentType() == ContentType.ARCHIVE) {
            return filler.unpack(contents.ahead());
        }
        Format format = format(contents.inOrder());
        return format == Format.RAW ? fillRaw(opened, contents, hashed) : fillMapped(opened, contents, hashed, format);
    }

    /** Costs nothing where every byte comes in order anyway; to a parallel copy it would be a second reading. */
    private Optional<Checksum> offered(ImageSource opened) {
        Facts facts = opened.facts();
        boolean comesInOrder = !facts.seekable()
                || plan.contentType() == ContentType.ARCHIVE
                || Unpacking.of(facts.firstBytes()).isPresent();
        Optional<Checksum> offered =
                comesInOrder ? opened.offeredChecksum().flatMap(Checksum::offered) : Optional.empty();
        offered.ifPresent(
                checksum -> reporter.info("Holding every byte against what the server says it has, " + checksum));
        return offered;
    }

    private TransferOutcome.Complete fillRaw(ImageSource opened, Contents contents, Optional<HashedSource> hashed) {
        Facts facts = contents.inOrder().facts();
        if (hashed.isEmpty() && contents.blocks().isPresent()) {
            return filler.fill(new PackedRawImage(contents.blocks().get()), opened, hashed);
        }
        return hashed.isEmpty() && facts.seekable()
                ? filler.fill(new RawImage(facts.length()), opened, hashed)
                : filler.fillInOrder(contents.inOrder());
    }

    /** Of a format with a map of its own, which says where in the file the bytes of the disk are. */
    private TransferOutcome.Complete fillMapped(
            ImageSource opened, Contents contents, Optional<HashedSource> hashed, Format format) {
        ImageSource inOrder = contents.inOrder();
        if (inOrder.facts().seekable()) {
            return fillMapped(inOrder, inOrder, hashed, format);
        }
        // Scratch space is given to those who asked for it: then blocks are too large, or read with too many jumps.
        Optional<BlockSource> kept = contents.blocks()
                .filter(blocks -> plan.scratchDirectory().isEmpty())
                .flatMap(blocks -> BlockSource.of(opened, blocks, inOrder.facts()));
        if (kept.isPresent()) {
            try (BlockSource source = kept.get()) {
                return fillMapped(source, inOrder, hashed, format);
            }
        }
        return filler.fillFromScratch(
                inOrder, leastSize(format, inOrder.facts()), (copy, tables) -> image(format, copy, tables));
    }

    /** @param inOrder the same as it comes in order, where it has a checksum held against it */
    private TransferOutcome.Complete fillMapped(
            ImageSource source, ImageSource inOrder, Optional<HashedSource> hashed, Format format) {
        if (hashed.isPresent()) {
            return fillMappedInOrder(source, inOrder, hashed, format);
        }
        try (RangeReader tables = source.ranges()) {
            return filler.fill(image(format, source.facts(), tables), source, hashed);
        }
    }

    private TransferOutcome.Complete fillMappedInOrder(
            ImageSource source, ImageSource inOrder, Optional<HashedSource> hashed, Format format) {
        Facts facts = source.facts();
        try (ReadTables tables = new ReadTables(source.ranges(), facts.firstBytes())) {
            DiskImage image = image(format, facts, tables);
            Optional<OrderedCopy> copy = OrderedCopy.of(image, tables, settings.marks(), filler.stop());
            if (copy.isPresent()) {
                return filler.fillInOrder(image, source, inOrder, copy.get());
            }
            reporter.warning(
                    "The parts of the image lie in the source in too wild an order to be written while they are hashed:"
                            + " it is read twice, and only the first reading is held against its checksum");
            return filler.fill(image, source, hashed);
        }
    }

    /** Only the end of a fixed virtual hard disk shows that it is one. */
    static Format format(ImageSource source) {
        Facts facts = source.facts();
        Format format = FormatProbe.probe(facts.firstBytes());
        if (format != Format.RAW || !facts.seekable() || !VhdImage.mayBeFixed(facts.length())) {
            return format;
        }
        try (RangeReader end = source.ranges()) {
            return VhdImage.isFixed(facts.length(), end) ? Format.FIXED_VHD : format;
        }
    }

    /** What the first bytes alone say of the disk's size, and refuse if they are not right; 0 where they do not say. */
    private static long leastSize(Format format, Facts facts) {
        byte[] first = facts.firstBytes();
        return switch (format) {
            case RAW, FIXED_VHD -> facts.leastLength();
            case QCOW -> QcowImage.virtualSize(first);
            case QCOW2 -> Qcow2Image.virtualSize(first);
            case VMDK -> VmdkImage.virtualSize(first);
            case VDI -> VdiImage.virtualSize(first);
            case VHD -> VhdImage.dynamicVirtualSize(first);
            // The metadata that has the size lies behind the first megabyte.
            case VHDX -> 0;
        };
    }

    static DiskImage image(Format format, Facts facts, RangeReader tables) {
        byte[] first = facts.firstBytes();
        long length = facts.length();
        return switch (format) {
            case RAW -> new RawImage(length);
            case QCOW -> QcowImage.open(first, length, tables);
            case QCOW2 -> Qcow2Image.open(first, length, tables);
            case VMDK -> VmdkImage.open(first, length, tables);
            case VDI -> VdiImage.open(first, length, tables);
            case VHD -> VhdImage.openDynamic(first, length, tables);
            case FIXED_VHD -> VhdImage.openFixed(length, tables);
            case VHDX -> VhdxImage.open(first, length, tables);
        };
    }

    private void noteIfNothingCanBeTakenUp(SourcePin pin) {
        if (!pin.canBeRecognized()) {
            reporter.info("Nothing tells whether " + pin.url()
                    + " still holds the same bytes later (a web server does by a strong"
                    + " ETag or Last-Modified, VMware by a snapshot, or by changed block tracking while the machine is off):"
                    + " should this pod die, the next one fetches everything again");
        }
    }

    private void noteContentType(Facts facts) {
        if (facts.contentType().filter(type -> type.startsWith("text/html")).isPresent()) {
            reporter.warning("Unexpected content type 'text/html'. Content might not be a KubeVirt image.");
        }
    }
}
