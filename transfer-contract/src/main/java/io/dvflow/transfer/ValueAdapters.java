package io.dvflow.transfer;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * What the library has no adapters for, or not the right ones: optional members, instants in ISO 8601, and constants, of which it
 * would read an unknown one as if it were missing. Only among reasons there is a constant for those that are unknown.
 */
final class ValueAdapters implements TypeAdapterFactory {

    @Override
    @SuppressWarnings("unchecked")
    public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
        Class<? super T> raw = type.getRawType();
        if (raw == Optional.class) {
            ParameterizedType optional = (ParameterizedType) type.getType();
            return (TypeAdapter<T>)
                    new OptionalValue<>(gson.getAdapter(TypeToken.get(optional.getActualTypeArguments()[0])));
        }
        if (raw == Instant.class) {
            return (TypeAdapter<T>) new InstantText().nullSafe();
        }
        if (raw.isEnum()) {
            T unknown = raw == FailureReason.class ? (T) FailureReason.UNKNOWN : null;
            return new Constant<>(gson.getDelegateAdapter(this, type), unknown).nullSafe();
        }
        return null;
    }

    private static final class OptionalValue<T> extends TypeAdapter<Optional<T>> {
        private final TypeAdapter<T> present;

        OptionalValue(TypeAdapter<T> present) {
            this.present = present;
        }

        @Override
        public void write(JsonWriter out, Optional<T> value) throws IOException {
            if (value == null || value.isEmpty()) {
                out.nullValue();
            } else {
                present.write(out, value.get());
            }
        }

        @Override
        public Optional<T> read(JsonReader in) throws IOException {
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
                return Optional.empty();
            }
            return Optional.ofNullable(present.read(in));
        }
    }

    private static final class InstantText extends TypeAdapter<Instant> {
        @Override
        public void write(JsonWriter out, Instant value) throws IOException {
            out.value(value.toString());
        }

        @Override
        public Instant read(JsonReader in) throws IOException {
            String text = in.nextString();
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw new JsonSyntaxException("Expected an instant such as 2026-01-01T00:00:00Z, found " + text, e);
            }
        }
    }

    private static final class Constant<T> extends TypeAdapter<T> {
        private final TypeAdapter<T> known;
        private final T unknown;

        Constant(TypeAdapter<T> known, T unknown) {
            this.known = known;
            this.unknown = unknown;
        }

        @Override
        public void write(JsonWriter out, T value) throws IOException {
            known.write(out, value);
        }

        @Override
        public T read(JsonReader in) throws IOException {
            T read = known.read(in);
            if (read == null && unknown == null) {
                throw new JsonSyntaxException("An unknown constant at " + in.getPreviousPath());
            }
            return read == null ? unknown : read;
        }
    }
}
