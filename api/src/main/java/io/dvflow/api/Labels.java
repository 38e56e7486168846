package io.dvflow.api;

/** Labels that clients of CDI select by. */
public final class Labels {
    // On every object that is made.
    public static final String APP = "app";
    public static final String APP_VALUE = "containerized-data-importer";
    public static final String COMPONENT = "app.kubernetes.io/component";
    public static final String COMPONENT_STORAGE = "storage";
    public static final String PART_OF = "app.kubernetes.io/part-of";
    public static final String VERSION = "app.kubernetes.io/version";
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGED_BY_VALUE = "dvflow";

    // On transfer pods.
    /** What a pod does, one of the CDI values. */
    public static final String CDI = "cdi.kubevirt.io";

    public static final String CDI_IMPORTER = "importer";
    public static final String CDI_UPLOAD_SERVER = "cdi-upload-server";
    public static final String CDI_CLONE_SOURCE = "cdi-clone-source";
    /** "true" on pods that serve metrics. */
    public static final String PROMETHEUS = "prometheus.cdi.kubevirt.io";

    // On claims.
    public static final String FILLING_UP_ALERT = "alerts.k8s.io/KubePersistentVolumeFillingUp";
    /** A disk image fills its volume by design. */
    public static final String FILLING_UP_ALERT_DISABLED = "disabled";
    /** "true" on prime, temporary and scratch claims. */
    public static final String EXCLUDE_FROM_BACKUP = "velero.io/exclude-from-backup";
    /** "true": the claim is completed from its StorageProfile. */
    public static final String APPLY_STORAGE_PROFILE = "cdi.kubevirt.io/applyStorageProfile";
    /** Name of the DataImportCron that made the object. */
    public static final String DATA_IMPORT_CRON = "cdi.kubevirt.io/dataImportCron";

    // Handed down from the source to the claim, beside every label of kubevirt.io and its subdomains.
    public static final String DEFAULT_INSTANCETYPE = "instancetype.kubevirt.io/default-instancetype";
    public static final String DEFAULT_INSTANCETYPE_KIND = "instancetype.kubevirt.io/default-instancetype-kind";
    public static final String DEFAULT_PREFERENCE = "instancetype.kubevirt.io/default-preference";
    public static final String DEFAULT_PREFERENCE_KIND = "instancetype.kubevirt.io/default-preference-kind";

    private Labels() {}
}
