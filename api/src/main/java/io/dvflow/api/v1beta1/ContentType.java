package io.dvflow.api.v1beta1;

/** What the bytes of a source are. */
public enum ContentType {
    /** A disk image. The default, also for an empty string. */
    KUBEVIRT("kubevirt"),
    /** A tar archive, unpacked into a file system. */
    ARCHIVE("archive");

    private final String wireName;

    ContentType(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException for a name that admission would have refused */
    public static ContentType of(String wireName) {
        if (wireName == null || wireName.isEmpty()) {
            return KUBEVIRT;
        }
        for (ContentType type : values()) {
            if (type.wireName.equals(wireName)) {
                return type;
            }
        }
        throw new IllegalArgumentException("ContentType not one of: kubevirt, archive; found " + wireName);
    }
}
