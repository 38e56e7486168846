package io.dvflow.bridge.profile;

import io.dvflow.api.v1beta1.ClaimPropertySet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One entry of the capability table: what is known about the classes of a provisioner that fulfil the conditions.
 *
 * @param provisioner exact name
 * @param conditions by parameter; all have to hold
 * @param sets access and volume modes, best first
 * @param cloneStrategy the best way to clone, if known
 * @param dataImportCronSourceFormat what recurring imports keep, if known
 * @param minimumSize smallest volume the provisioner makes, as a quantity
 * @param readWriteOnceForDataImportCron whether recurring imports are better off with ReadWriteOnce
 * @param dataImportCronSnapshotParameters what a snapshot class for recurring imports has to have; empty: any will do
 * @param unrecognized reason why nothing is known
 * @param setsFromVolumes whether the sets are those of the volumes that exist
 * @param unusable whether the class is no storage for disks
 */
record Capability(
        String provisioner,
        Map<String, ParameterCondition> conditions,
        List<ClaimPropertySet> sets,
        Optional<String> cloneStrategy,
        Optional<String> dataImportCronSourceFormat,
        Optional<String> minimumSize,
        boolean readWriteOnceForDataImportCron,
        Map<String, String> dataImportCronSnapshotParameters,
        Optional<String> unrecognized,
        boolean setsFromVolumes,
        boolean unusable) {

    boolean fits(Map<String, String> parameters) {
        return conditions.entrySet().stream()
                .allMatch(condition -> condition.getValue().holds(parameters, condition.getKey()));
    }
}
