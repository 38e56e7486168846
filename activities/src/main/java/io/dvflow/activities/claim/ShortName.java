package io.dvflow.activities.claim;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names that are too long for what they are to name, cut so that they stay different. Pure. */
public final class ShortName {

    private static final int HASH = 10;

    private ShortName() {}

    /** The name itself if it is short enough, else its beginning and a hash of all of it. */
    public static String within(int longest, String name) {
        return within(longest, name, name);
    }

    /** As {@link #within(int, String)}, with the hash of what the name was made of. */
    public static String within(int longest, String name, String of) {
        if (name.length() <= longest) {
            return name;
        }
        String head = name.substring(0, longest - HASH - 1).replaceAll("[^a-z0-9]+$", "");
        return head + "-" + hashOf(of);
    }

    private static String hashOf(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HASH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }
}
