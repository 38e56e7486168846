package io.dvflow.activities.transfer.source;

import io.dvflow.activities.Trouble;
import io.dvflow.api.DvflowAnnotations;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The other addresses of an image, as an annotation lists them. Pure. */
final class Mirrors {

    private static final int MOST = 16;
    private static final Pattern ADDRESS = Pattern.compile("(?i)https?://[^/?#\\s]+/\\S*");

    private Mirrors() {}

    /** @throws Trouble if one of them is no address; it is not repeated, for it may hold a login */
    static List<String> of(String annotation) {
        List<String> addresses = Arrays.stream(annotation.split("\\s+"))
                .filter(address -> !address.isEmpty())
                .toList();
        if (addresses.size() > MOST) {
            throw invalid("has " + addresses.size() + " addresses, expected at most " + MOST);
        }
        for (int i = 0; i < addresses.size(); i++) {
            if (!ADDRESS.matcher(addresses.get(i)).matches()) {
                throw invalid("has an entry " + (i + 1)
                        + " that is no address of a file, expected http://host/path or https://host/path, with blanks"
                        + " or line breaks between the entries");
            }
        }
        return addresses;
    }

    private static Trouble invalid(String what) {
        return Trouble.needsChange("InvalidAnnotation", "Annotation " + DvflowAnnotations.MIRRORS + " " + what);
    }
}
