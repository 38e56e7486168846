package io.dvflow.starter.import_;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.DvflowCommand;
import io.dvflow.starter.Exit;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.follow.FollowToEnd;
import io.dvflow.starter.follow.LeaveNote;
import io.dvflow.starter.follow.ProgressDisplay;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.output.Durations;
import io.dvflow.starter.output.OutputFormat;
import io.dvflow.starter.output.OutputOption;
import io.dvflow.starter.output.RateConverter;
import io.dvflow.starter.output.Screen;
import io.dvflow.transfer.ByteRate;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Creates a DataVolume and follows its import to the end. */
@Command(
        name = "import",
        description = {
            "Creates a DataVolume and follows its import to the end.",
            "What it is comes from options or from a manifest."
        },
        footer = {
            "",
            "Examples:",
            "  dvflow import fedora --url https://images.example/fedora.qcow2 --size 10Gi",
            "  dvflow import scratch --blank --size 1Gi --no-wait",
            "  dvflow import tools --url https://files.example/tools.tar.gz --content-type archive --size 2Gi",
            "  dvflow import -f fedora.yaml --timeout 30m"
        })
public final class ImportCommand implements Callable<Integer> {
    @ParentCommand
    private DvflowCommand dvflow;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "Name of the DataVolume and its claim.")
    private String name;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Source source;

    static final class Source {
        @Option(names = "--url", paramLabel = "URL", description = "Address of the image, http or https.")
        private String url;

        @Option(names = "--blank", description = "An empty disk instead of an image.")
        private boolean blank;

        @Option(
                names = {"-f", "--filename"},
                paramLabel = "FILE",
                description = "Manifest of one DataVolume, YAML or JSON; - for standard input.")
        private Path file;
    }

    @Option(names = "--size", paramLabel = "SIZE", description = "Size of the disk, such as 10Gi.")
    private String size;

    @Option(
            names = "--content-type",
            paramLabel = "CONTENT_TYPE",
            description =
                    "What is at the URL, ${COMPLETION-CANDIDATES}: the image of a disk, or a tar archive whose files are "
                            + "unpacked into the claim (default: ${DEFAULT-VALUE}).",
            defaultValue = "kubevirt")
    private Content contentType;

    @Option(
            names = "--storage-class",
            paramLabel = "CLASS",
            description = "Storage class of the claim; otherwise the cluster's default.")
    private String storageClass;

    // The completion script tells candidates apart by the label alone, so no two options may share one.
    @Option(
            names = "--volume-mode",
            paramLabel = "VOLUME_MODE",
            description = "${COMPLETION-CANDIDATES}; otherwise that of the class's StorageProfile.")
    private VolumeMode volumeMode;

    @Option(
            names = "--access-mode",
            paramLabel = "ACCESS_MODE",
            description = "${COMPLETION-CANDIDATES}; otherwise that of the class's StorageProfile.")
    private List<AccessMode> accessModes = List.of();

    @Option(
            names = "--secret",
            paramLabel = "NAME",
            description = "Secret with the keys accessKeyId (user) and secretKey (password) for the URL.")
    private String secret;

    @Option(
            names = "--cert-config-map",
            paramLabel = "NAME",
            description = "ConfigMap with the certificate authorities to trust for the URL.")
    private String certConfigMap;

    @Option(names = "--immediate", description = "Fill the volume now, without waiting for a pod that uses it.")
    private boolean immediate;

    @Option(
            names = "--rate-limit",
            paramLabel = "RATE",
            defaultValue = "none",
            converter = RateConverter.class,
            description = "Read the source no faster than this, in bytes per second, such as 50Mi (default: none).")
    private ByteRate rate;

    @Option(names = "--verify", description = "Read the finished disk back and compare it with the source.")
    private boolean verify;

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Follow to the end (default), or return once it is created.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Durations.Converter.class,
            description = "Follow no longer than this, such as 30m; otherwise without end.")
    private Duration timeout;

    @Option(names = "--dry-run", description = "Create nothing; print the manifest instead.")
    private boolean dryRun;

    @Mixin
    private OutputOption output;

    enum Content {
        kubevirt,
        archive
    }

    enum VolumeMode {
        Filesystem,
        Block
    }

    enum AccessMode {
        ReadWriteOnce,
        ReadOnlyMany,
        ReadWriteMany,
        ReadWriteOncePod
    }

    @Override
    public Integer call() {
        checkUsage();
        try (Cluster cluster = dvflow.openCluster()) {
            GenericKubernetesResource manifest = manifest(cluster.namespace());
            if (dryRun) {
                print(output.format() == OutputFormat.TABLE ? OutputFormat.YAML : output.format(), manifest);
                return Exit.OK.code();
            }
            DataVolume created = cluster.create(manifest);
            if (wait) {
                follow(cluster, created);
            } else {
                tell(created, "created. Follow it with " + dvflow.hints().to("watch", Operation.of(created)) + ".");
            }
            return Exit.OK.code();
        }
    }

    private void follow(Cluster cluster, DataVolume created) {
        Screen screen = dvflow.screen();
        Operation operation = Operation.of(created);
        screen.err().println("DataVolume " + operation + " created.");
        var display = new ProgressDisplay(screen, screen.err(), dvflow.hints());
        String note = "The import of " + operation + " goes on. Follow it with "
                + dvflow.hints().to("watch", operation) + ", give it up with "
                + dvflow.hints().to("cancel", operation) + ".";
        DataVolume end;
        try (var _ = new LeaveNote(screen.err(), note)) {
            end = new FollowToEnd(dvflow, cluster, display).follow(created, Optional.ofNullable(timeout));
        }
        Operation ended = Operation.of(end);
        String took = ended.created()
                .map(start -> " in "
                        + Durations.text(Duration.between(
                                start, dvflow.surroundings().clock().instant())))
                .orElse("");
        tell(end, "imported" + took + " into claim " + ended.claim() + ".");
    }

    private void tell(DataVolume dataVolume, String sentence) {
        if (output.format() == OutputFormat.TABLE) {
            dvflow.screen().out().println("DataVolume " + Operation.of(dataVolume) + " " + sentence);
        } else {
            print(output.format(), dataVolume);
        }
    }

    private void print(OutputFormat format, Object value) {
        dvflow.screen().out().print(format.write(value));
        dvflow.screen().out().flush();
    }

    private GenericKubernetesResource manifest(String namespace) {
        if (source.file != null) {
            return Manifest.within(
                    namespace, Manifest.read(source.file, dvflow.surroundings().in()), source.file);
        }
        return Manifest.of(new ImportRequest(
                        namespace,
                        name,
                        Optional.ofNullable(source.url),
                        quantity(),
                        Optional.ofNullable(storageClass),
                        Optional.ofNullable(volumeMode).map(Enum::name),
                        accessModes.stream().map(Enum::name).toList(),
                        Optional.ofNullable(secret),
                        Optional.ofNullable(certConfigMap),
                        immediate,
                        rate,
                        verify,
                        Optional.of(contentType).filter(Content.archive::equals).map(Enum::name))
                .toDataVolume());
    }

    private void checkUsage() {
        if (source.file != null) {
            requireManifestAlone();
            return;
        }
        if (name == null) {
            throw usage("Missing required parameter: NAME of the DataVolume");
        }
        if (size == null) {
            throw usage("Missing required option: --size of the disk, such as 10Gi");
        }
        if (contentType == Content.archive) {
            checkArchive();
        }
        if (source.blank && (secret != null || certConfigMap != null || !rate.isUnlimited() || verify)) {
            throw usage(
                    "--secret, --cert-config-map, --rate-limit and --verify go with --url; a blank disk is read from "
                            + "nowhere");
        }
        quantity();
    }

    private void checkArchive() {
        if (source.blank) {
            throw usage("--content-type archive goes with --url: there is nothing to unpack in a blank disk");
        }
        if (volumeMode == VolumeMode.Block) {
            throw usage("--content-type archive needs a file system: leave out --volume-mode Block");
        }
        if (verify) {
            throw usage("--verify compares a disk with its image, and cannot compare the files of an archive");
        }
    }

    private void requireManifestAlone() {
        boolean alone = name == null
                && size == null
                && contentType == Content.kubevirt
                && storageClass == null
                && volumeMode == null
                && accessModes.isEmpty()
                && secret == null
                && certConfigMap == null
                && !immediate
                && rate.isUnlimited()
                && !verify;
        if (!alone) {
            throw usage("With -f everything comes from the manifest: leave out NAME and the options that describe "
                    + "the DataVolume");
        }
    }

    private Quantity quantity() {
        try {
            Quantity quantity = Quantity.parse(size);
            if (quantity.getNumericalAmount().compareTo(BigDecimal.ZERO) > 0) {
                return quantity;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw usage("Invalid value for --size: expected a size such as 10Gi or 500M, found '" + size + "'", e);
        }
        throw usage("Invalid value for --size: expected more than zero, found '" + size + "'");
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private ParameterException usage(String message, Exception cause) {
        return new ParameterException(spec.commandLine(), message, cause);
    }
}
