package io.dvflow.api.claim;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.ContentType;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.GcsSource;
import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.api.v1beta1.ImageIoSource;
import io.dvflow.api.v1beta1.PlatformOptions;
import io.dvflow.api.v1beta1.RegistrySource;
import io.dvflow.api.v1beta1.S3Source;
import io.dvflow.api.v1beta1.VddkSource;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads CDI's import annotations. Admission does not look at claims, so what it checks of a DataVolume is checked here.
 */
final class SourceReader {

    private static final List<String> SOURCES = List.of("http", "s3", "gcs", "registry", "imageio", "vddk", "none");
    private static final String DEFAULT_SOURCE = "http";

    private static final List<String> WEB = List.of("http", "https");
    private static final List<String> BUCKET = List.of("http", "https", "gs");
    private static final List<String> REGISTRY = List.of("docker", "oci-archive");

    private static final Pattern CHECKSUM =
            Pattern.compile("(?i)md5:[0-9a-f]{32}|sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

    private final Map<String, String> annotations;

    private SourceReader(Map<String, String> annotations) {
        this.annotations = annotations;
    }

    /** Ends the reading; never leaves this package. */
    static final class MistakeFound extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Mistake mistake;

        MistakeFound(Mistake mistake) {
            super(mistake.sentence());
            this.mistake = mistake;
        }

        Mistake mistake() {
            return mistake;
        }
    }

    static DataVolumeSpec specOf(PersistentVolumeClaim claim, Map<String, String> annotations) {
        SourceReader reader = new SourceReader(annotations);
        reader.refuseStages();
        return new DataVolumeSpec(
                reader.source(),
                null,
                claim.getSpec(),
                null,
                null,
                null,
                reader.contentType(),
                List.of(),
                null,
                reader.flag(Annotations.STORAGE_PREALLOCATION_REQUESTED));
    }

    private DataVolumeSource source() {
        String kind = text(Annotations.STORAGE_IMPORT_SOURCE);
        return switch (kind == null ? DEFAULT_SOURCE : kind) {
            case "http" -> DataVolumeSource.of(http());
            case "s3" ->
                new DataVolumeSource(
                        null,
                        new S3Source(address(WEB), secret(), certificates()),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
            case "gcs" ->
                new DataVolumeSource(
                        null, null, new GcsSource(address(BUCKET), secret()), null, null, null, null, null, null, null);
            case "registry" -> new DataVolumeSource(null, null, null, registry(), null, null, null, null, null, null);
            case "imageio" -> new DataVolumeSource(null, null, null, null, null, null, null, imageIo(), null, null);
            case "vddk" -> new DataVolumeSource(null, null, null, null, null, null, null, null, vddk(), null);
            // CDI's name for the source of a blank disk.
            case "none" -> DataVolumeSource.of(new BlankSource());
            default -> throw wrong(Annotations.STORAGE_IMPORT_SOURCE, oneOf(SOURCES));
        };
    }

    private HttpSource http() {
        return new HttpSource(
                address(WEB),
                secret(),
                certificates(),
                numbered(ClaimRequest.EXTRA_HEADERS),
                numbered(ClaimRequest.SECRET_EXTRA_HEADERS),
                checksum(),
                flag(Annotations.STORAGE_IMPORT_INSECURE_SKIP_VERIFY));
    }

    private RegistrySource registry() {
        boolean isStream = Boolean.TRUE.equals(flag(Annotations.STORAGE_IMPORT_REGISTRY_IMAGE_STREAM));
        String method = text(Annotations.STORAGE_IMPORT_REGISTRY_IMPORT_METHOD);
        if (method != null && !List.of("pod", "node").contains(method)) {
            throw wrong(Annotations.STORAGE_IMPORT_REGISTRY_IMPORT_METHOD, oneOf(List.of("pod", "node")));
        }
        if (isStream && !"node".equals(method)) {
            throw new MistakeFound(new Mistake(
                    Annotations.STORAGE_IMPORT_REGISTRY_IMPORT_METHOD,
                    method == null ? "is missing" : "is \"" + method + "\"",
                    "node, which an image stream needs"));
        }
        String architecture = text(Annotations.STORAGE_IMPORT_REGISTRY_IMAGE_ARCHITECTURE);
        // The source has no field for it; whoever reads the source takes it from the annotation.
        checksum();
        return new RegistrySource(
                isStream ? null : address(REGISTRY),
                isStream ? required(Annotations.STORAGE_IMPORT_ENDPOINT, "the name of an image stream") : null,
                method,
                secret(),
                certificates(),
                architecture == null ? null : new PlatformOptions(architecture));
    }

    private ImageIoSource imageIo() {
        return new ImageIoSource(
                address(WEB),
                required(Annotations.STORAGE_IMPORT_DISK_ID, "the identifier of the disk in oVirt"),
                login(),
                certificates(),
                flag(Annotations.STORAGE_IMPORT_INSECURE_SKIP_VERIFY));
    }

    private VddkSource vddk() {
        return new VddkSource(
                address(WEB),
                required(Annotations.STORAGE_IMPORT_UUID, "the UUID of the virtual machine in VMware"),
                required(Annotations.STORAGE_IMPORT_BACKING_FILE, "the path of the disk in the datastore"),
                required(
                        Annotations.STORAGE_IMPORT_VDDK_THUMBPRINT, "the SHA-1 thumbprint of the server's certificate"),
                login(),
                certificates(),
                null,
                null);
    }

    private String contentType() {
        try {
            return ContentType.of(text(Annotations.STORAGE_CONTENT_TYPE)).wireName();
        } catch (IllegalArgumentException e) {
            throw wrong(Annotations.STORAGE_CONTENT_TYPE, oneOf(List.of("kubevirt", "archive")));
        }
    }

    private void refuseStages() {
        if (text(Annotations.STORAGE_CHECKPOINT_CURRENT) != null) {
            throw wrong(
                    Annotations.STORAGE_CHECKPOINT_CURRENT,
                    "nothing: an import in several stages needs a DataVolume with spec.checkpoints");
        }
    }

    private String checksum() {
        String found = text(Annotations.STORAGE_IMPORT_CHECKSUM);
        if (found != null && !CHECKSUM.matcher(found).matches()) {
            throw wrong(
                    Annotations.STORAGE_IMPORT_CHECKSUM,
                    "algorithm:hex, where the algorithm is md5, sha1, sha256 or sha512");
        }
        return found;
    }

    /** It may hold a login, so only what comes before that is told. */
    private String address(List<String> schemes) {
        String expected = "an absolute address that starts with " + oneOf(schemes);
        String found = required(Annotations.STORAGE_IMPORT_ENDPOINT, expected);
        try {
            URI address = new URI(found);
            if (address.getScheme() == null) {
                throw new MistakeFound(new Mistake(Annotations.STORAGE_IMPORT_ENDPOINT, "has no scheme", expected));
            }
            if (!schemes.contains(address.getScheme())) {
                throw new MistakeFound(new Mistake(
                        Annotations.STORAGE_IMPORT_ENDPOINT, "starts with \"" + address.getScheme() + "\"", expected));
            }
            return found;
        } catch (URISyntaxException e) {
            throw new MistakeFound(new Mistake(
                    Annotations.STORAGE_IMPORT_ENDPOINT,
                    "is no address (" + e.getReason() + " at character " + e.getIndex() + ")",
                    expected));
        }
    }

    private String secret() {
        return text(Annotations.STORAGE_IMPORT_SECRET_NAME);
    }

    private String login() {
        return required(
                Annotations.STORAGE_IMPORT_SECRET_NAME,
                "the name of a Secret with the keys accessKeyId (user) and secretKey (password)");
    }

    private String certificates() {
        return text(Annotations.STORAGE_IMPORT_CERT_CONFIG_MAP);
    }

    private Boolean flag(String key) {
        return switch (text(key)) {
            case null -> null;
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(key, oneOf(List.of("true", "false")));
        };
    }

    /** The values of {@code key0}, {@code key1} and so on, in the order of their numbers. */
    private List<String> numbered(String key) {
        Map<Integer, String> found = new TreeMap<>();
        annotations.forEach((each, value) -> {
            if (each.startsWith(key)) {
                found.put(numberOf(each, each.substring(key.length())), value);
            }
        });
        return List.copyOf(found.values());
    }

    private static int numberOf(String key, String number) {
        try {
            return Integer.parseUnsignedInt(number);
        } catch (NumberFormatException e) {
            throw new MistakeFound(new Mistake(key, "ends with \"" + number + "\"", "a number there, from 0 on"));
        }
    }

    private String required(String key, String expected) {
        String found = text(key);
        if (found == null) {
            throw new MistakeFound(Mistake.missing(key, expected));
        }
        return found;
    }

    private String text(String key) {
        String found = annotations.get(key);
        return found == null || found.isBlank() ? null : found;
    }

    private MistakeFound wrong(String key, String expected) {
        return new MistakeFound(Mistake.value(key, annotations.get(key), expected));
    }

    private static String oneOf(List<String> values) {
        return String.join(", ", values.subList(0, values.size() - 1)) + " or " + values.getLast();
    }
}
