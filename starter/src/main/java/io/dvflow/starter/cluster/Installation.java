package io.dvflow.starter.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * What the chart says about itself in the ConfigMap {@value #CONFIG_MAP}.
 *
 * @param version version of the chart's programs
 * @param webUi address of the Temporal Web UI, as a browser reaches it
 * @param temporalNamespace Temporal namespace that the workflows are in
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Installation(Optional<String> version, Optional<String> webUi, String temporalNamespace) {
    public static final String CONFIG_MAP = "dvflow-info";
    public static final Installation UNKNOWN = new Installation(Optional.empty(), Optional.empty(), "default");

    private static final String KEY_VERSION = "version";
    private static final String KEY_WEB_UI = "webUi";
    private static final String KEY_TEMPORAL_NAMESPACE = "temporalNamespace";

    static Installation of(Map<String, String> data) {
        return new Installation(
                value(data, KEY_VERSION),
                value(data, KEY_WEB_UI),
                value(data, KEY_TEMPORAL_NAMESPACE).orElse(UNKNOWN.temporalNamespace()));
    }

    /** Page of a workflow in the Web UI. Its IDs hold slashes, which must not become part of the path. */
    public Optional<String> workflowPage(String workflowId) {
        return webUi.map(address -> address.replaceAll("/+$", "")
                + "/namespaces/" + URLEncoder.encode(temporalNamespace, StandardCharsets.UTF_8)
                + "/workflows/" + URLEncoder.encode(workflowId, StandardCharsets.UTF_8));
    }

    private static Optional<String> value(Map<String, String> data, String key) {
        return Optional.ofNullable(data.get(key)).map(String::strip).filter(text -> !text.isEmpty());
    }
}
