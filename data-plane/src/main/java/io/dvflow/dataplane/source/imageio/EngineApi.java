package io.dvflow.dataplane.source.imageio;

import com.google.gson.annotations.SerializedName;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpAccess;
import io.dvflow.dataplane.source.http.HttpApi;
import io.dvflow.dataplane.source.http.HttpApi.Answer;
import io.dvflow.dataplane.source.http.HttpApi.Question;
import io.dvflow.dataplane.source.http.HttpUrl;
import io.dvflow.dataplane.source.http.LoginFiles;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The few calls of the oVirt engine's REST API (version 4) that reading a disk takes. */
final class EngineApi {

    /** The engine gives a disk up that nobody has read for so long. */
    static final int INACTIVITY_SECONDS = 60;

    private static final String KIND = "Unable to connect to imageio data source: ";
    private static final String IDENTIFIER = "[0-9A-Za-z-]{1,64}";
    private static final int LONGEST_DETAIL = 300;

    private final HttpUrl url;
    private final List<String> headers;
    private final HttpApi api;

    EngineApi(HttpUrl url, LoginFiles login, HttpAccess access) {
        this.url = url;
        this.headers = List.of(
                "Authorization: " + login.basic(),
                "Accept: application/json",
                "Content-Type: application/json",
                "Version: 4");
        this.api = new HttpApi(access);
    }

    HttpUrl url() {
        return url;
    }

    /** A disk or transfer that is not there. */
    static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Gone(String what) {
            super(what + " is not there");
        }
    }

    /** A disk that somebody else has locked. */
    static final class Locked extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Locked(String detail) {
            super(detail);
        }
    }

    /** @throws TransferFailure if there is no such disk */
    EngineImage disk(String id) {
        try {
            return get("disk " + id, url.child("disks").child(identifier(id)), EngineImage.class);
        } catch (Gone e) {
            throw new TransferFailure(
                    FailureReason.NOT_FOUND,
                    KIND + "the engine at " + url + " knows no disk " + id + ". Check diskId of the source",
                    e);
        }
    }

    /**
     * The snapshots of a disk with their parents, the active image included.
     *
     * @throws Gone from an engine before 4.5
     */
    List<EngineImage> snapshotsOf(String diskId) {
        HttpUrl snapshots = url.child("disks").child(identifier(diskId)).child("disksnapshots");
        return snapshots("the snapshots of disk " + diskId, snapshots.withQuery("include_active=true"));
    }

    /** The snapshots of all disks on a storage domain; these have no parents. */
    List<EngineImage> snapshotsOn(String storageDomain) {
        HttpUrl domain = url.child("storagedomains").child(identifier(storageDomain));
        return snapshots("the disk snapshots on storage domain " + storageDomain, domain.child("disksnapshots"));
    }

    /**
     * Asks for a transfer; it locks the disk as soon as the engine has said yes.
     *
     * @param subject {@code image} for a disk, {@code snapshot} for a disk snapshot
     * @param shallow whether only what that very snapshot holds is read, and not what lies beneath it
     */
    ImageTransfer create(String subject, String id, boolean shallow) {
        // Numbers and truths are strings in the engine's JSON. Raw whatever the disk is stored as: the host unpacks it.
        Map<String, Object> wanted = new LinkedHashMap<>();
        wanted.put("direction", "download");
        wanted.put("format", "raw");
        wanted.put("inactivity_timeout", Integer.toString(INACTIVITY_SECONDS));
        wanted.put(subject, Map.of("id", id));
        if (shallow) {
            wanted.put("shallow", "true");
        }
        String what = "an image transfer of " + subject + " " + id;
        return post(what, url.child("imagetransfers"), TransferJson.write(wanted), ImageTransfer.Document.class)
                .transfer();
    }

    ImageTransfer transfer(String id) {
        return get("image transfer " + id, transferUrl(id), ImageTransfer.Document.class)
                .transfer();
    }

    /** @param action {@code extend}, {@code pause}, {@code resume}, {@code finalize} or {@code cancel} */
    void act(String id, String action) {
        post("image transfer " + id + " (" + action + ")", transferUrl(id).child(action), "{}", Done.class);
    }

    /** ID of the transfer that somebody has read of, if it was one of this engine's. */
    Optional<String> transferOf(SourcePin pin) {
        String transfers = url.child("imagetransfers").shown() + "/";
        return Optional.of(pin.url())
                .filter(read -> read.startsWith(transfers))
                .map(read -> read.substring(transfers.length()))
                .filter(id -> id.matches(IDENTIFIER));
    }

    HttpUrl transferUrl(String id) {
        return url.child("imagetransfers").child(identifier(id));
    }

    /** Engine's identifiers are UUIDs; anything else must not get into a path. */
    static String identifier(String text) {
        if (text == null || !text.matches(IDENTIFIER)) {
            String found = text == null ? "none" : "'" + text.substring(0, Math.min(64, text.length())) + "'";
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, KIND + "expected an identifier of oVirt (a UUID), found " + found);
        }
        return text;
    }

    /** All that matters of it is that it came. */
    private record Done() {}

    private record Snapshots(
            @SerializedName("disk_snapshot") List<EngineImage> all) {}

    private List<EngineImage> snapshots(String what, HttpUrl resource) {
        List<EngineImage> all = get(what, resource, Snapshots.class).all;
        return all == null ? List.of() : all.stream().filter(Objects::nonNull).toList();
    }

    private <T> T get(String what, HttpUrl resource, Class<T> type) {
        return read(what, api.ask(KIND + what, Question.get(resource, headers)), type);
    }

    private <T> T post(String what, HttpUrl resource, String body, Class<T> type) {
        return read(what, api.ask(KIND + what, Question.post(resource, headers, body)), type);
    }

    private <T> T read(String what, Answer answer, Class<T> type) {
        if (answer.status() >= 200 && answer.status() < 300) {
            return parsed(answer, type)
                    .orElseThrow(() -> new TransferFailure(
                            FailureReason.REFUSED_BY_SERVER,
                            KIND + "the engine at " + url + " answered a question for " + what
                                    + " with something that is not its JSON. Check that the URL of the source is the"
                                    + " engine's API (https://.../ovirt-engine/api)"));
        }
        String detail = detail(answer);
        if (answer.status() == 404) {
            throw new Gone(what);
        }
        if (answer.status() == 401 || answer.status() == 403) {
            throw new TransferFailure(
                    FailureReason.UNAUTHORIZED,
                    KIND + what + ": the engine at " + url + " answered " + answer.status() + detail
                            + ". Check accessKeyId (the user with its domain, as in admin@internal) and secretKey in the"
                            + " secret that the source's secretRef names");
        }
        if (detail.toLowerCase(Locale.ROOT).contains("locked")) {
            throw new Locked(detail);
        }
        throw new TransferFailure(
                FailureReason.REFUSED_BY_SERVER,
                KIND + what + ": the engine at " + url + " answered " + answer.status() + detail);
    }

    private static <T> Optional<T> parsed(Answer answer, Class<T> type) {
        try {
            return Optional.of(TransferJson.read(answer.text(), type));
        } catch (IllegalArgumentException e) {
            // Whatever it is, it is no answer of an engine; who asked says so.
            return Optional.empty();
        }
    }

    /** @param fault the same once more, where the engine puts it into an object of its own */
    private record Fault(String reason, String detail, Fault fault) {
        String inWords() {
            return fault != null
                    ? fault.inWords()
                    : (Objects.requireNonNullElse(reason, "") + " " + Objects.requireNonNullElse(detail, "")).strip();
        }
    }

    /** What the engine says is wrong; empty if nothing. */
    private static String detail(Answer answer) {
        String text = parsed(answer, Fault.class).map(Fault::inWords).orElse("");
        return text.isEmpty() ? "" : " (" + text.substring(0, Math.min(LONGEST_DETAIL, text.length())) + ")";
    }
}
