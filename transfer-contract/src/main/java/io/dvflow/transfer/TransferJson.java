package io.dvflow.transfer;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.Strictness;
import java.util.Optional;

/**
 * The one way to write and read the contract's values, and what else the transfer program keeps in records of its own or reads
 * of others. Members are named as the components of the records unless these say otherwise; an optional one that is empty is
 * left out, an unknown one passed over.
 */
public final class TransferJson {

    private static final Gson GSON = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .disableHtmlEscaping()
            .registerTypeAdapterFactory(new VariantAdapters())
            .registerTypeAdapterFactory(new ValueAdapters())
            .create();

    private TransferJson() {}

    /** One line, without a line break. */
    public static String write(Object value) {
        return GSON.toJson(value);
    }

    /**
     * Reads a value that must be there.
     *
     * @throws IllegalArgumentException if the text is no such value; its beginning is in the message, be it a secret
     */
    public static <T> T read(String json, Class<T> type) {
        try {
            return required(json, type);
        } catch (RuntimeException e) {
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
            return Optional.of(required(json, type));
        } catch (RuntimeException e) {
            // Not one of ours: a line of the JVM, or of a newer release.
            return Optional.empty();
        }
    }

    /** Whatever a text does not say right, the library and the constructors of the records have exceptions of their own for it. */
    private static <T> T required(String json, Class<T> type) {
        T value = GSON.fromJson(json, type);
        if (value == null) {
            throw new IllegalArgumentException("Found nothing");
        }
        return value;
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}
