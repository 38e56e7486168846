package io.dvflow.activities.claim;

import io.dvflow.activities.Trouble;
import io.dvflow.api.Annotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.ContentType;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which class a claim is of. */
public final class StorageClassChoice {

    /** The API server's own rule where several are marked: the newest, then by name. */
    private static final Comparator<StorageClass> NEWEST_FIRST = Comparator.comparing(
                    (StorageClass each) -> each.getMetadata().getCreationTimestamp(),
                    Comparator.nullsFirst(Comparator.<String>naturalOrder()))
            .reversed()
            .thenComparing(each -> each.getMetadata().getName());

    private StorageClassChoice() {}

    /**
     * The class that is named, or the default.
     *
     * @return empty when the claim says that it wants none ({@code ""})
     */
    public static Optional<StorageClass> choose(DataVolumeSpec spec, ClusterSettings settings) {
        String named = spec.storage() == null
                ? spec.pvc().getStorageClassName()
                : spec.storage().storageClassName();
        if (named == null) {
            List<StorageClass> all = settings.storageClasses();
            boolean disk = spec.storage() != null && ContentType.of(spec.contentType()) == ContentType.KUBEVIRT;
            return Optional.of((disk ? forDisks(all) : forAnything(all)).orElseThrow(StorageClassChoice::noDefault));
        }
        if (named.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(settings.storageClass(named).orElseThrow(() -> missing(named)));
    }

    /** The default for virtual machines if one is marked, else the cluster's. */
    static Optional<StorageClass> forDisks(List<StorageClass> classes) {
        return marked(classes, Annotations.DEFAULT_VIRT_STORAGE_CLASS).or(() -> forAnything(classes));
    }

    /** The cluster's default. */
    static Optional<StorageClass> forAnything(List<StorageClass> classes) {
        return marked(classes, Annotations.DEFAULT_STORAGE_CLASS);
    }

    private static Optional<StorageClass> marked(List<StorageClass> classes, String annotation) {
        return classes.stream()
                .filter(each -> "true".equals(annotations(each).get(annotation)))
                .min(NEWEST_FIRST);
    }

    private static Trouble noDefault() {
        return Trouble.needsChange(
                Reasons.ERR_CLAIM_NOT_VALID,
                "No storage class is named and none is the default: name one in the DataVolume, or annotate a "
                        + "StorageClass with " + Annotations.DEFAULT_VIRT_STORAGE_CLASS + "=true");
    }

    private static Trouble missing(String named) {
        return Trouble.needsChange(
                Reasons.ERR_CLAIM_NOT_VALID,
                "StorageClass " + named + " does not exist: create it, or name another one in a new DataVolume");
    }

    private static Map<String, String> annotations(StorageClass each) {
        return Optional.ofNullable(each.getMetadata().getAnnotations()).orElse(Map.of());
    }
}
