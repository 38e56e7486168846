package io.dvflow.dataplane.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/**
 * The JSON that servers and users have in shapes of their own, mapped by annotations. It takes a program that lives for seconds
 * long to get ready for it, so a plain import does without; what dvflow itself writes is read by
 * {@link io.dvflow.transfer.TransferJson}.
 */
public final class Documents {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Documents() {}

    /** @throws IllegalArgumentException if the text is no such document; its beginning is in the message */
    public static <T> T read(String json, Class<T> type) {
        try {
            T read = MAPPER.readValue(json, type);
            if (read == null) {
                throw unexpected(json, type, null);
            }
            return read;
        } catch (JsonProcessingException e) {
            throw unexpected(json, type, e);
        }
    }

    private static IllegalArgumentException unexpected(String json, Class<?> type, JsonProcessingException cause) {
        return new IllegalArgumentException(
                "Expected the JSON of a " + type.getSimpleName() + ", found: "
                        + (json.length() <= 200 ? json : json.substring(0, 200) + "..."),
                cause);
    }

    /** One line. */
    public static String write(Object document) {
        try {
            return MAPPER.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "Cannot write " + document.getClass().getSimpleName() + " as JSON", e);
        }
    }
}
