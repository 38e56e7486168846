package io.dvflow.dataplane.archive;

import java.util.ArrayList;
import java.util.List;

/**
 * Where in the tree an entry belongs.
 *
 * @param names from the root down, in bytes as {@link io.dvflow.dataplane.tar.TarEntry#rawName}; none for the root itself
 */
record EntryPath(List<String> names) {

    /** As Linux has them. */
    private static final int LONGEST_NAME = 255;

    private static final int LONGEST = 4095;

    /** Each takes an open directory. */
    private static final int DEEPEST = 128;

    /**
     * Reads a name without detours, as tar does: {@code /a//./b} is {@code a/b}.
     *
     * @param what of the entry this is, for messages
     */
    static EntryPath of(String rawName, String what, EntryTrouble trouble) {
        if (rawName.length() > LONGEST) {
            throw trouble.hostile("has a " + what + " of " + rawName.length() + " bytes; Linux takes " + LONGEST);
        }
        List<String> names = new ArrayList<>();
        for (String name : rawName.split("/", -1)) {
            if (name.equals("..")) {
                throw trouble.hostile("has a " + what + " that leads upwards (..), and perhaps out of the volume");
            }
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(checked(name, what, trouble));
            }
        }
        if (names.size() > DEEPEST) {
            throw trouble.hostile("has a " + what + " that lies " + names.size() + " directories deep; at most "
                    + DEEPEST + " are unpacked");
        }
        return new EntryPath(List.copyOf(names));
    }

    private static String checked(String name, String what, EntryTrouble trouble) {
        if (name.indexOf('\0') >= 0) {
            throw trouble.hostile("has a " + what + " with a zero in it");
        }
        if (name.length() > LONGEST_NAME) {
            throw trouble.hostile(
                    "has a " + what + " with a part of " + name.length() + " bytes; Linux takes " + LONGEST_NAME);
        }
        return name;
    }

    /** Whether something in a directory can be called so, without leading anywhere else. */
    static boolean isName(String name) {
        return name != null
                && !name.isEmpty()
                && name.length() <= LONGEST_NAME
                && name.indexOf('/') < 0
                && name.indexOf('\0') < 0
                && !name.equals(".")
                && !name.equals("..");
    }

    boolean isRoot() {
        return names.isEmpty();
    }

    List<String> parents() {
        return names.subList(0, names.size() - 1);
    }

    String name() {
        return names.getLast();
    }
}
