package io.dvflow.api.claim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A claim whose annotations ask for an import, seen as the DataVolume that would ask the same of a claim of that name: so
 * there is one import, whichever way it is asked for. Its identity is the claim's, kind and all; its status, which claims
 * have no room for, stands in annotations. Never sent to the API server as it is.
 */
@Group(CdiApi.GROUP)
@Version(CdiApi.VERSION)
@Kind(AnnotatedClaim.KIND)
@Plural("persistentvolumeclaims")
public final class AnnotatedClaim extends DataVolume {

    public static final String KIND = "PersistentVolumeClaim";

    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DataVolumeSpec NOTHING =
            new DataVolumeSpec(null, null, null, null, null, null, null, List.of(), null, null);

    /** What is shown there is no part of what is asked, and changes all the time. */
    private static final List<String> SHOWN = List.of(
            DvflowAnnotations.STATUS,
            DvflowAnnotations.BRIDGE_CONDITIONS,
            DvflowAnnotations.LOG,
            Annotations.STORAGE_POD_PHASE,
            Annotations.STORAGE_POD_READY,
            Annotations.STORAGE_POD_RESTARTS,
            Annotations.STORAGE_POPULATOR_PROGRESS,
            Annotations.STORAGE_IMPORT_POD_NAME,
            Annotations.STORAGE_CONDITION_RUNNING,
            Annotations.STORAGE_CONDITION_RUNNING_REASON,
            Annotations.STORAGE_CONDITION_RUNNING_MESSAGE,
            Annotations.STORAGE_CONDITION_BOUND,
            Annotations.STORAGE_CONDITION_BOUND_REASON,
            Annotations.STORAGE_CONDITION_BOUND_MESSAGE);

    private final transient Optional<Mistake> mistake;

    private AnnotatedClaim(PersistentVolumeClaim claim) {
        switch (ClaimRequest.read(claim)) {
            case ClaimRequest.Reading.Clear(DataVolumeSpec spec) -> {
                setSpec(spec);
                mistake = Optional.empty();
            }
            case ClaimRequest.Reading.Mistaken(Mistake found) -> {
                setSpec(NOTHING);
                mistake = Optional.of(found);
            }
        }
        setMetadata(new ObjectMetaBuilder(claim.getMetadata())
                .withAnnotations(asked(claim))
                .build());
        setStatus(statusOf(claim));
    }

    public static AnnotatedClaim of(PersistentVolumeClaim claim) {
        return new AnnotatedClaim(claim);
    }

    /** What is wrong with the request; there is no source then. */
    public Optional<Mistake> mistake() {
        return mistake;
    }

    @Override
    public String getApiVersion() {
        return "v1";
    }

    @Override
    public String getFullResourceName() {
        return getPlural();
    }

    /** The value of the annotation that carries a status. */
    public static String asAnnotation(DataVolumeStatus status) {
        return write(status);
    }

    /** The value of the annotation that carries the bridge's conditions. */
    public static String asAnnotation(List<DataVolumeCondition> conditions) {
        return write(conditions);
    }

    /**
     * A DataVolume's source never changes, annotations do: who puts one right wants it tried at once. So another request is
     * another retry.
     */
    private static Map<String, String> asked(PersistentVolumeClaim claim) {
        Map<String, String> annotations = new LinkedHashMap<>(ClaimRequest.annotations(claim));
        SHOWN.forEach(annotations::remove);
        annotations.merge(
                DvflowAnnotations.RETRY, ClaimRequest.fingerprint(claim), (token, request) -> token + " " + request);
        return annotations;
    }

    private static DataVolumeStatus statusOf(PersistentVolumeClaim claim) {
        Map<String, String> annotations = ClaimRequest.annotations(claim);
        Optional<DataVolumeStatus> written =
                read(annotations.get(DvflowAnnotations.STATUS), new TypeReference<DataVolumeStatus>() {});
        List<DataVolumeCondition> bridges = read(
                        annotations.get(DvflowAnnotations.BRIDGE_CONDITIONS),
                        new TypeReference<List<DataVolumeCondition>>() {})
                .orElse(List.of());
        DataVolumeStatus status = written.orElseGet(() -> filledBefore(claim));
        if (bridges.isEmpty()) {
            return status;
        }
        List<DataVolumeCondition> all = new ArrayList<>(status.conditions());
        all.addAll(bridges);
        return new DataVolumeStatus(status.claimName(), status.phase(), status.progress(), status.restartCount(), all);
    }

    /** What CDI has filled, or a backup brought back, has no status of ours and must not be filled again. */
    private static DataVolumeStatus filledBefore(PersistentVolumeClaim claim) {
        String succeeded = DataVolumePhase.SUCCEEDED.wireName();
        return !ClaimRequest.isHeld(claim)
                        && succeeded.equals(ClaimRequest.annotations(claim).get(Annotations.STORAGE_POD_PHASE))
                ? new DataVolumeStatus(claim.getMetadata().getName(), succeeded, null, null, List.of())
                : new DataVolumeStatus(null, null, null, null, List.of());
    }

    private static <T> Optional<T> read(String json, TypeReference<T> type) {
        if (json == null) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(JSON.readValue(json, type));
        } catch (JsonProcessingException e) {
            // Somebody has written over it; the next write puts it right.
            return Optional.empty();
        }
    }

    private static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Cannot write " + value + " as JSON", e);
        }
    }
}
