package io.dvflow.activities;

import io.dvflow.api.DvflowLabels;
import io.dvflow.api.Labels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Labels of every object that an operation makes. Pure. */
public final class OperationLabels {

    public static final String IMPORT = "import";

    private OperationLabels() {}

    /** @param inherited labels of the object it is made for; ours win */
    public static Map<String, String> with(Map<String, String> inherited, String dataVolumeUid) {
        Map<String, String> labels =
                new LinkedHashMap<>(Optional.ofNullable(inherited).orElse(Map.of()));
        labels.put(Labels.APP, Labels.APP_VALUE);
        labels.put(Labels.COMPONENT, Labels.COMPONENT_STORAGE);
        labels.put(Labels.MANAGED_BY, Labels.MANAGED_BY_VALUE);
        labels.put(DvflowLabels.DATAVOLUME_UID, dataVolumeUid);
        labels.put(DvflowLabels.OPERATION, IMPORT);
        return labels;
    }
}
