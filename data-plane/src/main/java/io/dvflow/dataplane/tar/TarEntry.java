package io.dvflow.dataplane.tar;

/**
 * A file in an archive, as its header describes it.
 *
 * @param name as it is written; nobody has checked where it points to
 * @param size bytes of content that follow the header; 0 for all that is no file
 * @param sparse whether the content is a map of a file with holes, and not the file
 * @param dataAt where in the archive the content begins
 */
public record TarEntry(String name, Kind kind, long size, boolean sparse, long dataAt) {

    /** What it will be when it is unpacked. */
    public enum Kind {
        FILE,
        DIRECTORY,
        /** A second name of a file, or a name of a name. */
        LINK,
        /** A device, a pipe, or something that only its maker knows. */
        OTHER
    }

    static final int BLOCK = 512;

    /** Where the next header is. */
    public long endsAt() {
        return dataAt + Math.ceilDiv(size, BLOCK) * BLOCK;
    }

    /**
     * The name below the archive's root without detours: {@code ./disk//a} is {@code disk/a}. Empty for the root itself and for
     * names that lead out of it.
     */
    public String path() {
        StringBuilder path = new StringBuilder();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                return "";
            }
            if (!part.isEmpty() && !part.equals(".")) {
                path.append(path.isEmpty() ? "" : "/").append(part);
            }
        }
        return path.toString();
    }
}
