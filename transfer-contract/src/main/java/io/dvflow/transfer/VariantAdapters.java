package io.dvflow.transfer;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Where the contract leaves a choice of records, a member of the JSON says which one it is. */
final class VariantAdapters implements TypeAdapterFactory {

    static final List<Choice> CHOICES = List.of(
            new Choice(
                    TransferSource.class,
                    "kind",
                    Map.of(
                            "http", TransferSource.Http.class,
                            "s3", TransferSource.S3.class,
                            "gcs", TransferSource.Gcs.class,
                            "blank", TransferSource.Blank.class,
                            "registry", TransferSource.Registry.class,
                            "pulledImage", TransferSource.PulledImage.class,
                            "imageio", TransferSource.ImageIo.class,
                            "vddk", TransferSource.Vddk.class)),
            new Choice(
                    TransferTarget.class,
                    "kind",
                    Map.of("file", TransferTarget.DiskFile.class, "block", TransferTarget.BlockDevice.class)),
            new Choice(
                    TransferReport.class,
                    "type",
                    Map.of(
                            "progress", TransferReport.Progress.class,
                            "durable", TransferReport.Durable.class,
                            "note", TransferReport.Note.class)),
            new Choice(
                    TransferOutcome.class,
                    "outcome",
                    Map.of(
                            "complete", TransferOutcome.Complete.class,
                            "failed", TransferOutcome.Failed.class,
                            "stopped", TransferOutcome.Stopped.class)));

    @Override
    public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
        Class<? super T> raw = type.getRawType();
        for (Choice choice : CHOICES) {
            if (choice.type == raw) {
                return new AnyOf<>(gson, choice);
            }
            for (Map.Entry<String, Class<?>> variant : choice.variants.entrySet()) {
                if (variant.getValue() == raw) {
                    return new Named<>(gson, gson.getDelegateAdapter(this, type), choice.member, variant.getKey());
                }
            }
        }
        return null;
    }

    record Choice(Class<?> type, String member, Map<String, Class<?>> variants) {}

    /** Reads whichever it is, and writes what it has. */
    private static final class AnyOf<T> extends TypeAdapter<T> {
        private final Gson gson;
        private final Choice choice;

        AnyOf(Gson gson, Choice choice) {
            this.gson = gson;
            this.choice = choice;
        }

        @Override
        @SuppressWarnings("unchecked")
        public void write(JsonWriter out, T value) throws IOException {
            if (value == null) {
                out.nullValue();
            } else {
                gson.getAdapter((Class<T>) value.getClass()).write(out, value);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public T read(JsonReader in) throws IOException {
            JsonElement tree = gson.getAdapter(JsonElement.class).read(in);
            if (tree.isJsonNull()) {
                return null;
            }
            JsonElement name = tree.getAsJsonObject().get(choice.member);
            Class<?> variant = name == null ? null : choice.variants.get(name.getAsString());
            if (variant == null) {
                throw new JsonParseException(choice.type.getSimpleName() + " with " + choice.member + " " + name
                        + ", allowed are " + choice.variants.keySet());
            }
            return (T) gson.getAdapter(variant).fromJsonTree(tree);
        }
    }

    /** One of them, with its name before its other members. */
    private static final class Named<T> extends TypeAdapter<T> {
        private final TypeAdapter<JsonElement> trees;
        private final TypeAdapter<T> plain;
        private final String member;
        private final String name;

        Named(Gson gson, TypeAdapter<T> plain, String member, String name) {
            this.trees = gson.getAdapter(JsonElement.class);
            this.plain = plain;
            this.member = member;
            this.name = name;
        }

        @Override
        public void write(JsonWriter out, T value) throws IOException {
            JsonObject named = new JsonObject();
            named.addProperty(member, name);
            plain.toJsonTree(value).getAsJsonObject().asMap().forEach(named::add);
            trees.write(out, named);
        }

        @Override
        public T read(JsonReader in) throws IOException {
            return plain.read(in);
        }
    }
}
