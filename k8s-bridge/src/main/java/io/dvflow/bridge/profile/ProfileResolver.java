package io.dvflow.bridge.profile;

import io.dvflow.api.Annotations;
import io.dvflow.api.ConditionTypes;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.StorageProfileCondition;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Works out a StorageProfile: what the administrator says, then what the table knows, then what always works. Pure. */
final class ProfileResolver {

    private static final String SNAPSHOT = "snapshot";
    private static final String COPY = "copy";
    private static final String PVC = "pvc";
    private static final Set<String> STRATEGIES = Set.of(COPY, SNAPSHOT, "csi-clone");

    private final CapabilityTable table;

    ProfileResolver(CapabilityTable table) {
        this.table = table;
    }

    /** @throws InvalidProfileException when the spec cannot be followed */
    ResolvedProfile resolve(ProfileFacts facts, Instant now) {
        Capability capability = table.of(facts.provisioner(), facts.parameters());
        List<ClaimPropertySet> sets = sets(facts, capability);
        Optional<String> snapshotClass = snapshotClass(facts);
        Optional<String> shownClass = snapshotClass.or(() -> facts.status().map(StorageProfileStatus::snapshotClass));
        var status = new StorageProfileStatus(
                facts.storageClass(),
                facts.provisioner(),
                cloneStrategy(facts, capability, snapshotClass.isPresent()).orElse(null),
                sets,
                sourceFormat(facts, capability, snapshotClass.isPresent()),
                shownClass.orElse(null),
                List.of(recognized(facts, capability, now)));
        return new ResolvedProfile(status, annotations(facts, capability), !sets.isEmpty() || capability.unusable());
    }

    private static List<ClaimPropertySet> sets(ProfileFacts facts, Capability capability) {
        List<ClaimPropertySet> overriding = facts.spec().claimPropertySets();
        for (ClaimPropertySet set : overriding) {
            if (set.accessModes().isEmpty() || set.volumeMode() == null) {
                throw new InvalidProfileException("StorageProfile " + facts.storageClass()
                        + ": each of spec.claimPropertySets needs access modes and a volume mode, found " + set);
            }
        }
        if (!overriding.isEmpty()) {
            return overriding;
        }
        return capability.setsFromVolumes() ? facts.volumeSets() : capability.sets();
    }

    private static Optional<String> snapshotClass(ProfileFacts facts) {
        String named = facts.spec().snapshotClass();
        if (named == null || named.isEmpty() || facts.snapshotClasses().isEmpty()) {
            return best(facts, Map.of());
        }
        SnapshotClass found = facts.snapshotClasses().get().stream()
                .filter(each -> each.name().equals(named))
                .findFirst()
                .orElseThrow(() -> new InvalidProfileException("StorageProfile " + facts.storageClass()
                        + ": spec.snapshotClass names " + named + ", which is not there"));
        return found.driver().equals(facts.provisioner()) ? Optional.of(named) : Optional.empty();
    }

    /** The best snapshot class of the class's driver that has these parameters. */
    private static Optional<String> best(ProfileFacts facts, Map<String, String> parameters) {
        return facts.snapshotClasses().stream()
                .flatMap(List::stream)
                .filter(each -> each.driver().equals(facts.provisioner()))
                .filter(each -> each.parameters().entrySet().containsAll(parameters.entrySet()))
                .min(SnapshotClass.PREFERENCE)
                .map(SnapshotClass::name);
    }

    private static Optional<String> cloneStrategy(ProfileFacts facts, Capability capability, boolean canSnapshot) {
        if (facts.spec().cloneStrategy() != null) {
            return Optional.of(facts.spec().cloneStrategy());
        }
        if (facts.strategyAnnotation().isPresent()) {
            return facts.strategyAnnotation().filter(STRATEGIES::contains);
        }
        String wanted = capability.cloneStrategy().orElse(SNAPSHOT);
        return Optional.of(wanted.equals(SNAPSHOT) && !canSnapshot ? COPY : wanted);
    }

    private static String sourceFormat(ProfileFacts facts, Capability capability, boolean canSnapshot) {
        if (facts.spec().dataImportCronSourceFormat() != null) {
            return facts.spec().dataImportCronSourceFormat();
        }
        String wanted = capability.dataImportCronSourceFormat().orElse(PVC);
        return wanted.equals(SNAPSHOT) && !canSnapshot ? PVC : wanted;
    }

    private static StorageProfileCondition recognized(ProfileFacts facts, Capability capability, Instant now) {
        String status = capability.unrecognized().isEmpty() ? "True" : "False";
        String reason = capability.unrecognized().orElse(Reasons.RECOGNIZED_PROVISIONER);
        String message = switch (reason) {
            case Reasons.RECOGNIZED_PROVISIONER -> "Provisioner " + facts.provisioner() + " is known";
            case Reasons.UNRECOGNIZED_STORAGE_CLASS_PARAMETERS ->
                "Provisioner " + facts.provisioner() + " is known, but not with the parameters of this class";
            default -> "Provisioner " + facts.provisioner() + " is not known";
        };
        Optional<StorageProfileCondition> before = facts.status().stream()
                .flatMap(each -> each.conditions().stream())
                .filter(condition -> condition.type().equals(ConditionTypes.RECOGNIZED))
                .findFirst();
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String transition = before.filter(condition -> condition.status().equals(status))
                .map(StorageProfileCondition::lastTransitionTime)
                .orElse(time);
        String heartbeat = before.filter(
                        condition -> reason.equals(condition.reason()) && message.equals(condition.message()))
                .map(StorageProfileCondition::lastHeartbeatTime)
                .orElse(time);
        return new StorageProfileCondition(ConditionTypes.RECOGNIZED, status, transition, heartbeat, reason, message);
    }

    private static Map<String, Optional<String>> annotations(ProfileFacts facts, Capability capability) {
        Map<String, Optional<String>> wanted = new LinkedHashMap<>();
        // Set once and then left alone: an administrator may have changed them.
        capability
                .minimumSize()
                .filter(_ -> !facts.annotations().containsKey(Annotations.MINIMUM_SUPPORTED_PVC_SIZE))
                .ifPresent(size -> wanted.put(Annotations.MINIMUM_SUPPORTED_PVC_SIZE, Optional.of(size)));
        if (capability.readWriteOnceForDataImportCron()
                && !facts.annotations().containsKey(Annotations.USE_READ_WRITE_ONCE_FOR_DATA_IMPORT_CRON)) {
            wanted.put(Annotations.USE_READ_WRITE_ONCE_FOR_DATA_IMPORT_CRON, Optional.of("true"));
        }
        Optional<String> forCron = capability.dataImportCronSnapshotParameters().isEmpty()
                ? Optional.empty()
                : best(facts, capability.dataImportCronSnapshotParameters());
        Optional<String> now =
                Optional.ofNullable(facts.annotations().get(Annotations.SNAPSHOT_CLASS_FOR_DATA_IMPORT_CRON));
        if (!forCron.equals(now)) {
            wanted.put(Annotations.SNAPSHOT_CLASS_FOR_DATA_IMPORT_CRON, forCron);
        }
        return wanted;
    }
}
