package io.dvflow.activities.status;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * The part of a DataVolume's status that activities own, as the whole that server-side apply wants: phase, progress,
 * restart count, claim name and three conditions. Pure.
 */
public final class OwnedStatus {

    static final String UNKNOWN_PROGRESS = "N/A";
    static final String ALL_DONE = "100.0%";

    private static final DataVolumeStatus NOTHING = new DataVolumeStatus(null, null, null, null, List.of());

    private OwnedStatus() {}

    /** The owned set after a change; equal to {@link #of} when it changes nothing, times included. */
    public static DataVolumeStatus after(DataVolumeStatus before, StatusChange change, Instant now) {
        DataVolumeStatus old = of(before);
        String phase = change.phase().map(DataVolumePhase::wireName).orElse(orDefault(old.phase(), ""));
        Optional<Aspect> running = change.running().or(() -> aspect(old, ConditionTypes.RUNNING));
        Optional<Aspect> bound = change.bound().or(() -> aspect(old, ConditionTypes.BOUND));
        return new DataVolumeStatus(
                change.claimName().orElse(old.claimName()),
                phase,
                change.progress().orElse(orDefault(old.progress(), UNKNOWN_PROGRESS)),
                Math.max(change.restarts().orElse(0), old.restartCount() == null ? 0 : old.restartCount()),
                List.of(
                        condition(old, ConditionTypes.BOUND, bound.orElse(Aspect.noClaim()), now),
                        condition(old, ConditionTypes.READY, ready(phase, running), now),
                        condition(old, ConditionTypes.RUNNING, running.orElse(Aspect.not("", "")), now)));
    }

    /** What of a status is owned here; the bridge's condition is not. */
    public static DataVolumeStatus of(DataVolumeStatus status) {
        if (status == null) {
            return NOTHING;
        }
        return new DataVolumeStatus(
                status.claimName(),
                status.phase(),
                status.progress(),
                status.restartCount(),
                status.conditions().stream()
                        .filter(condition -> isOwned(condition.type()))
                        .toList());
    }

    /** What a condition says, if it is there. */
    public static Optional<Aspect> aspect(DataVolumeStatus status, String type) {
        return find(status, type)
                .map(condition -> new Aspect(
                        condition.status(), orDefault(condition.reason(), ""), orDefault(condition.message(), "")));
    }

    private static Aspect ready(String phase, Optional<Aspect> running) {
        return switch (DataVolumePhase.of(phase)) {
            case SUCCEEDED -> new Aspect(Aspect.TRUE, "", "");
            case UNKNOWN -> new Aspect("Unknown", "", "");
            default ->
                running.filter(Aspect::isTrue).isPresent()
                        ? Aspect.not(Reasons.TRANSFER_RUNNING, "")
                        : Aspect.not("", "");
        };
    }

    private static DataVolumeCondition condition(DataVolumeStatus old, String type, Aspect wanted, Instant now) {
        Optional<DataVolumeCondition> before = find(old, type);
        String at = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new DataVolumeCondition(
                type,
                wanted.status(),
                before.filter(condition -> condition.status().equals(wanted.status()))
                        .map(DataVolumeCondition::lastTransitionTime)
                        .orElse(at),
                before.filter(condition -> wanted.saysTheSameAs(aspect(old, type)))
                        .map(DataVolumeCondition::lastHeartbeatTime)
                        .orElse(at),
                wanted.reason(),
                wanted.message());
    }

    private static Optional<DataVolumeCondition> find(DataVolumeStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> type.equals(condition.type()))
                .findFirst();
    }

    private static boolean isOwned(String type) {
        return ConditionTypes.BOUND.equals(type)
                || ConditionTypes.READY.equals(type)
                || ConditionTypes.RUNNING.equals(type);
    }

    private static String orDefault(String value, String otherwise) {
        return value == null ? otherwise : value;
    }
}
