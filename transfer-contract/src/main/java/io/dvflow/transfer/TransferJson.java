package io.dvflow.transfer;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Optional;

/** The one way to write and read the contract's values. */
public final class TransferJson {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
            .build();

    private TransferJson() {}

    /** One line, without a line break. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "Cannot write " + value.getClass().getSimpleName() + " as JSON", e);
        }
    }

    /** Reads a value that must be there. */
    public static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "Expected the JSON of a " + type.getSimpleName() + ", found: " + shortened(json), e);
        }
    }

    /** Reads a line that may be anything: a pod's output also holds the JVM's own messages. */
    public static Optional<TransferReport> readReport(String line) {
        return tryRead(line, TransferReport.class);
    }

    /** Reads a termination message; empty when the process died before it wrote one. */
    public static Optional<TransferOutcome> readOutcome(String terminationMessage) {
        return tryRead(terminationMessage, TransferOutcome.class);
    }

    /** Reads what is kept of a log; empty when the annotation is none of ours. */
    public static Optional<KeptLog> readKeptLog(String annotation) {
        return tryRead(annotation, KeptLog.class);
    }

    private static <T> Optional<T> tryRead(String json, Class<T> type) {
        if (json == null || !json.startsWith("{")) {
            return Optional.empty();
        }
        try {
            return Optional.of(MAPPER.readValue(json, type));
        } catch (JsonProcessingException e) {
            // Not one of ours: a line of the JVM, or of a newer release.
            return Optional.empty();
        }
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}
