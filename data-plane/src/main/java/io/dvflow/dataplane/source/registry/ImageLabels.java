package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Shown;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Images of disks carry what a virtual machine made from them should be like, in their environment:
 * {@code INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=fedora} is the label
 * {@code instancetype.kubevirt.io/default-preference: fedora}. As in CDI.
 */
public final class ImageLabels {

    private static final String MARK = "KUBEVIRT_IO_";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern DOMAIN = Pattern.compile("([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)*kubevirt\\.io");
    private static final Pattern VALUE = Pattern.compile("|[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final int LONGEST_DOMAIN = 253;
    /** The pod's last word has 4096 bytes, and labels are not all it has to say. */
    private static final int MOST_BYTES = 2048;

    private ImageLabels() {}

    /** Those that Kubernetes takes; of the others is said that they are left out. */
    public static Map<String, String> of(List<String> environment, Reporter reporter) {
        Map<String, String> labels = new TreeMap<>();
        int left = MOST_BYTES;
        for (String variable : environment) {
            int equals = variable == null ? -1 : variable.indexOf('=');
            if (equals < 0 || !variable.substring(0, equals).contains(MARK)) {
                continue;
            }
            String label = label(variable.substring(0, equals));
            String value = variable.substring(equals + 1);
            left -= label.length() + value.length();
            if (left < 0) {
                reporter.warning("The image has more labels for the claim than can be handed on; the rest is left out");
                break;
            }
            if (isValid(label, value)) {
                labels.put(label, value);
            } else {
                reporter.warning("The image's variable " + Shown.text(variable)
                        + " makes no label of the claim: Kubernetes takes none of that form");
            }
        }
        return labels;
    }

    private static String label(String variable) {
        int mark = variable.indexOf(MARK);
        String before = variable.substring(0, mark).replaceFirst("_$", "").replace('_', '.');
        String after = variable.substring(mark + MARK.length()).replace('_', '-');
        return ((before.isEmpty() ? "" : before + ".") + "kubevirt.io/" + after).toLowerCase(Locale.ROOT);
    }

    private static boolean isValid(String label, String value) {
        int slash = label.indexOf('/');
        String domain = label.substring(0, slash);
        return domain.length() <= LONGEST_DOMAIN
                && DOMAIN.matcher(domain).matches()
                && NAME.matcher(label.substring(slash + 1)).matches()
                && VALUE.matcher(value).matches();
    }
}
