package io.dvflow.dataplane.source.imageio;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.dvflow.dataplane.image.ExtentImage;
import io.dvflow.dataplane.image.ExtentImage.Kind;
import java.io.IOException;

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
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            expect(parser.nextToken(), JsonToken.START_ARRAY);
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Entry entry = entry(parser);
                if (entry.start != image.end() || entry.length <= 0 || entry.length > size - entry.start) {
                    throw new IOException("extent " + entry.start + "+" + entry.length + " comes after byte "
                            + image.end() + " of a disk of " + size + " bytes");
                }
                zeros |= entry.zero;
                holes |= entry.hole;
                image.add(entry.length, kind(entry, delta));
            }
            expect(parser.currentToken(), JsonToken.END_ARRAY);
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

    private static Entry entry(JsonParser parser) throws IOException {
        long start = -1;
        long length = -1;
        boolean zero = false;
        boolean hole = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "start" -> start = number(parser, value);
                case "length" -> length = number(parser, value);
                case "zero" -> zero = value == JsonToken.VALUE_TRUE;
                case "hole" -> hole = value == JsonToken.VALUE_TRUE;
                default -> parser.skipChildren();
            }
        }
        expect(parser.currentToken(), JsonToken.END_OBJECT);
        return new Entry(start, length, zero, hole);
    }

    private static long number(JsonParser parser, JsonToken value) throws IOException {
        expect(value, JsonToken.VALUE_NUMBER_INT);
        return parser.getLongValue();
    }

    private static void expect(JsonToken found, JsonToken wanted) throws IOException {
        if (found != wanted) {
            throw new IOException("expected " + wanted + " in the list of extents, found " + found);
        }
    }
}
