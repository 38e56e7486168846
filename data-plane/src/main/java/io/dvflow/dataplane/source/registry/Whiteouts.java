package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.util.HashSet;
import java.util.Set;

/**
 * What upper layers take away from those beneath them: a file {@code .wh.x} removes {@code x}, {@code .wh..wh..opq} all that
 * is in its directory, and what is no directory stands in the way of one.
 */
final class Whiteouts {

    private static final String MARK = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    /** More than any real image has; each is kept in memory. */
    private static final int MOST = 10_000;

    private final Set<String> hidden = new HashSet<>();
    private final Set<String> found = new HashSet<>();

    /** Whether a name is one of these marks and no file. */
    static boolean isMark(String path) {
        return nameOf(path).startsWith(MARK);
    }

    /** Whether a mark at the root takes this directory away. */
    static boolean hidesDirectory(String path, String directory) {
        return path.equals(MARK + directory) || path.equals(OPAQUE);
    }

    /** Notes what this entry takes away from lower layers. */
    void note(String path, boolean isDirectory) {
        String name = nameOf(path);
        String directory = path.substring(0, path.length() - name.length());
        if (name.equals(OPAQUE)) {
            add(directory);
        } else if (name.startsWith(MARK)) {
            add(directory + name.substring(MARK.length()));
        } else if (!isDirectory) {
            add(path);
        }
    }

    /** What was noted counts from now on: another layer follows. */
    void endOfLayer() {
        hidden.addAll(found);
        found.clear();
    }

    /** Whether an upper layer has taken this file away. */
    boolean hide(String path) {
        if (hidden.contains("")) {
            return true;
        }
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            if (hidden.contains(path.substring(0, slash)) || hidden.contains(path.substring(0, slash + 1))) {
                return true;
            }
        }
        return hidden.contains(path);
    }

    private void add(String path) {
        if (hidden.size() + found.size() >= MOST) {
            throw new TransferFailure(
                    FailureReason.HOSTILE_IMAGE,
                    "Unable to process data: the image takes away more than " + MOST + " files below disk/");
        }
        found.add(path);
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
