package io.dvflow.dataplane.source.imageio;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.dvflow.dataplane.image.ExtentImage;
import io.dvflow.dataplane.image.ExtentImage.Kind;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Reads the list of extents that ovirt-imageio gives of a disk, and believes none of it unseen. */
final class ImageIoExtents {

    /** About a hundred thousand extents; a disk in more pieces than that is read as a whole. */
    static final int MOST_BYTES = 8 << 20;

    private ImageIoExtents() {}

    /** One entry of the list. */
    private record Entry(long start, long length, boolean zero, boolean hole) {}

    /**
     * @param json {@code [{"start": 0, "length": 65536, "zero": false, "hole": false}, ...]}
     * @param delta whether holes are what the snapshot does not hold itself, and so stay as they are on the target
     * @param size of the disk; the extents must cover it exactly
     * @throws IOException if they do not, or if this is no such list
     */
    static ExtentImage parse(byte[] json, boolean delta, long size) throws IOException {
        ExtentImage.Builder image = new ExtentImage.Builder();
        boolean zeros = false;
        boolean holes = false;
        try (JsonReader list = open(json)) {
            expect(list, JsonToken.BEGIN_ARRAY);
            list.beginArray();
            while (list.hasNext()) {
                Entry entry = entry(list);
                if (entry.start != image.end() || entry.length <= 0 || entry.length > size - entry.start) {
                    throw new IOException("extent " + entry.start + "+" + entry.length + " comes after byte "
                            + image.end() + " of a disk of " + size + " bytes");
                }
                zeros |= entry.zero;
                holes |= entry.hole;
                image.add(entry.length, kind(entry, delta));
            }
            list.endArray();
        } catch (MalformedJsonException | EOFException e) {
            // What the library says of it is for programmers, and repeats what the host has sent.
            throw new IOException("the host's list of extents is no JSON", e);
        }
        if (image.end() != size) {
            throw new IOException("the extents end at byte " + image.end() + " of a disk of " + size + " bytes");
        }
        if (delta && zeros && !holes) {
            // A host that cannot tell the two apart reports what is not in the snapshot as zeros.
            throw new IOException("the host does not tell zeros from what is not in the snapshot");
        }
        return image.build();
    }

    private static Kind kind(Entry entry, boolean delta) {
        if (delta && entry.hole) {
            return Kind.UNCHANGED;
        }
        return entry.zero ? Kind.ZERO : Kind.DATA;
    }

    private static JsonReader open(byte[] json) {
        JsonReader reader =
                new JsonReader(new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8));
        reader.setStrictness(Strictness.STRICT);
        return reader;
    }

    private static Entry entry(JsonReader list) throws IOException {
        long start = -1;
        long length = -1;
        boolean zero = false;
        boolean hole = false;
        expect(list, JsonToken.BEGIN_OBJECT);
        list.beginObject();
        while (list.hasNext()) {
            switch (list.nextName()) {
                case "start" -> start = number(list);
                case "length" -> length = number(list);
                case "zero" -> zero = truth(list);
                case "hole" -> hole = truth(list);
                default -> list.skipValue();
            }
        }
        list.endObject();
        return new Entry(start, length, zero, hole);
    }

    /** An engine's proxy before an old host says null of what the host does not say. */
    private static boolean truth(JsonReader list) throws IOException {
        if (list.peek() == JsonToken.NULL) {
            list.nextNull();
            return false;
        }
        expect(list, JsonToken.BOOLEAN);
        return list.nextBoolean();
    }

    private static long number(JsonReader list) throws IOException {
        expect(list, JsonToken.NUMBER);
        try {
            return list.nextLong();
        } catch (NumberFormatException e) {
            throw new IOException("expected bytes in the list of extents, found another number", e);
        }
    }

    private static void expect(JsonReader list, JsonToken wanted) throws IOException {
        if (list.peek() != wanted) {
            throw new IOException("expected " + wanted + " in the list of extents, found " + list.peek());
        }
    }
}
