package io.dvflow.bridge.config;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDICondition;
import io.dvflow.api.v1beta1.CDIStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the CDI objects should say. The chart installs, not this process: that it runs and reconciles is what "deployed"
 * means here. KubeVirt waits for it. Pure.
 */
final class InstallationResolver {

    private static final Comparator<CDI> OLDEST_FIRST = Comparator.comparing(
                    (CDI each) -> each.getMetadata().getCreationTimestamp())
            .thenComparing(each -> each.getMetadata().getName());

    private InstallationResolver() {}

    /** The only object that counts: the oldest. */
    static Optional<CDI> active(Collection<CDI> all) {
        return all.stream().min(OLDEST_FIRST);
    }

    static CDIStatus deployed(Optional<CDIStatus> before, String version, Instant now) {
        return new CDIStatus(
                "Deployed",
                List.of(
                        condition(
                                before, ConditionTypes.AVAILABLE, "True", "DeployCompleted", "dvflow is at work", now),
                        condition(before, ConditionTypes.PROGRESSING, "False", "DeployCompleted", "", now),
                        condition(before, ConditionTypes.DEGRADED, "False", "DeployCompleted", "", now)),
                version,
                version,
                version);
    }

    static CDIStatus surplus(Optional<CDIStatus> before, String active, Instant now) {
        String message = "Only one CDI object is acted on, and that is " + active + ", the older one; delete this one";
        return new CDIStatus(
                "Error",
                List.of(
                        condition(before, ConditionTypes.AVAILABLE, "False", "SurplusObject", message, now),
                        condition(before, ConditionTypes.PROGRESSING, "False", "SurplusObject", message, now),
                        condition(before, ConditionTypes.DEGRADED, "True", "SurplusObject", message, now)),
                null,
                null,
                null);
    }

    private static CDICondition condition(
            Optional<CDIStatus> before, String type, String status, String reason, String message, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        Optional<CDICondition> known = before.stream()
                .flatMap(each -> each.conditions().stream())
                .filter(each -> each.type().equals(type))
                .findFirst();
        return new CDICondition(
                type,
                status,
                known.filter(each -> each.status().equals(status))
                        .map(CDICondition::lastTransitionTime)
                        .orElse(time),
                known.filter(each -> reason.equals(each.reason()) && message.equals(each.message()))
                        .map(CDICondition::lastHeartbeatTime)
                        .orElse(time),
                reason,
                message);
    }
}
