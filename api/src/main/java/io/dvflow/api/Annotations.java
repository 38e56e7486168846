package io.dvflow.api;

/**
 * Annotations that users and clients of CDI set or read. Those written by dvflow are a projection of the state of
 * a workflow, never read back as state.
 */
public final class Annotations {
    public static final String PREFIX = "cdi.kubevirt.io/";

    // Set by users on a DataVolume, and copied with all its other annotations to the claim.
    /** Presence: bind and fill the volume now, without waiting for a consumer. */
    public static final String STORAGE_BIND_IMMEDIATE_REQUESTED = PREFIX + "storage.bind.immediate.requested";
    /** "true" or "false": force or forbid the populator path; the decision is written back. */
    public static final String STORAGE_USE_POPULATOR = PREFIX + "storage.usePopulator";
    /** "true": keep the transfer pods and the prime claim. */
    public static final String STORAGE_POD_RETAIN_AFTER_COMPLETION = PREFIX + "storage.pod.retainAfterCompletion";
    /** Name of a claim that is filled already. */
    public static final String STORAGE_PRE_POPULATED = PREFIX + "storage.prePopulated";
    /** On a claim: name of the DataVolume it is filled for. */
    public static final String STORAGE_POPULATED_FOR = PREFIX + "storage.populatedFor";
    /** Presence: use a volume that is reserved for this claim as it is, if there is one. */
    public static final String STORAGE_CHECK_STATIC_VOLUME = PREFIX + "storage.checkStaticVolume";
    /** "true" or "false": whether an existing claim of the same name is taken over; goes before the feature gate. */
    public static final String ALLOW_CLAIM_ADOPTION = PREFIX + "allowClaimAdoption";
    /** Presence: clone without comparing sizes. */
    public static final String PERMISSIVE_CLONE = PREFIX + "permissiveClone";
    /** Priority class of the transfer pod. */
    public static final String STORAGE_POD_PRIORITY_CLASS_NAME = PREFIX + "storage.pod.priorityclassname";
    /** Service account of the transfer pod. */
    public static final String STORAGE_POD_SERVICE_ACCOUNT_NAME = PREFIX + "storage.pod.serviceAccountName";

    public static final String STORAGE_POD_VDDK_INIT_IMAGE_URL = PREFIX + "storage.pod.vddk.initimageurl";
    public static final String STORAGE_POD_VDDK_EXTRA_ARGS = PREFIX + "storage.pod.vddk.extraargs";
    /** Version of the VDDK library that has read the disk. */
    public static final String STORAGE_POD_VDDK_VERSION = PREFIX + "storage.pod.vddk.version";
    /** The ESXi host that it was read from. */
    public static final String STORAGE_POD_VDDK_HOST = PREFIX + "storage.pod.vddk.host";
    /** Passed on to transfer pods. */
    public static final String NETWORKS = "k8s.v1.cni.cncf.io/networks";
    /** Passed on to transfer pods. */
    public static final String DEFAULT_NETWORK = "v1.multus-cni.io/default-network";
    /** Passed on to transfer pods; "false" unless set. */
    public static final String ISTIO_INJECT = "sidecar.istio.io/inject";
    /** Passed on to transfer pods; "disabled" unless set. */
    public static final String LINKERD_INJECT = "linkerd.io/inject";

    // Written on claims and prime claims for clients that read them.
    public static final String STORAGE_IMPORT_SOURCE = PREFIX + "storage.import.source";
    public static final String STORAGE_IMPORT_ENDPOINT = PREFIX + "storage.import.endpoint";
    public static final String STORAGE_IMPORT_SECRET_NAME = PREFIX + "storage.import.secretName";
    public static final String STORAGE_IMPORT_CERT_CONFIG_MAP = PREFIX + "storage.import.certConfigMap";
    public static final String STORAGE_IMPORT_INSECURE_SKIP_VERIFY = PREFIX + "storage.import.insecureSkipVerify";
    /** With a number behind it: a header line. */
    public static final String STORAGE_IMPORT_EXTRA_HEADERS = PREFIX + "storage.import.extraHeaders.";
    /** With a number behind it: the name of a Secret whose values are header lines. */
    public static final String STORAGE_IMPORT_SECRET_EXTRA_HEADERS = PREFIX + "storage.import.secretExtraHeaders.";

    public static final String STORAGE_IMPORT_CHECKSUM = PREFIX + "storage.import.checksum";
    /** {@code pod} or {@code node}. */
    public static final String STORAGE_IMPORT_REGISTRY_IMPORT_METHOD = PREFIX + "storage.import.registryImportMethod";
    /** "true" where the endpoint is the name of an image stream. */
    public static final String STORAGE_IMPORT_REGISTRY_IMAGE_STREAM = PREFIX + "storage.import.registryImageStream";

    public static final String STORAGE_IMPORT_REGISTRY_IMAGE_ARCHITECTURE =
            PREFIX + "storage.import.registryImageArchitecture";
    /** Name of the transfer pod. */
    public static final String STORAGE_IMPORT_POD_NAME = PREFIX + "storage.import.importPodName";

    public static final String STORAGE_IMPORT_REQUIRES_SCRATCH = PREFIX + "storage.import.requiresScratch";
    /** "true": the import has failed for good. */
    public static final String STORAGE_IMPORT_FATAL_ERROR = PREFIX + "storage.import.fatalError";
    /** Phase of the transfer pod. */
    public static final String STORAGE_POD_PHASE = PREFIX + "storage.pod.phase";

    public static final String STORAGE_POD_READY = PREFIX + "storage.pod.ready";
    /** Number of attempts after the first; "0" at the start. */
    public static final String STORAGE_POD_RESTARTS = PREFIX + "storage.pod.restarts";

    public static final String STORAGE_POD_SCHEDULABLE = PREFIX + "storage.pod.schedulable";
    public static final String STORAGE_CONTENT_TYPE = PREFIX + "storage.contentType";
    public static final String STORAGE_PREALLOCATION_REQUESTED = PREFIX + "storage.preallocation.requested";
    /** Whether preallocation was done. */
    public static final String STORAGE_PREALLOCATION = PREFIX + "storage.preallocation";

    public static final String STORAGE_CONDITION_RUNNING = PREFIX + "storage.condition.running";
    public static final String STORAGE_CONDITION_RUNNING_MESSAGE = PREFIX + "storage.condition.running.message";
    public static final String STORAGE_CONDITION_RUNNING_REASON = PREFIX + "storage.condition.running.reason";
    public static final String STORAGE_CONDITION_BOUND = PREFIX + "storage.condition.bound";
    public static final String STORAGE_CONDITION_BOUND_MESSAGE = PREFIX + "storage.condition.bound.message";
    public static final String STORAGE_CONDITION_BOUND_REASON = PREFIX + "storage.condition.bound.reason";
    public static final String STORAGE_IMPORT_DISK_ID = PREFIX + "storage.import.diskId";
    public static final String STORAGE_IMPORT_UUID = PREFIX + "storage.import.uuid";
    public static final String STORAGE_IMPORT_BACKING_FILE = PREFIX + "storage.import.backingFile";
    public static final String STORAGE_IMPORT_VDDK_THUMBPRINT = PREFIX + "storage.import.vddk.thumbprint";
    /** Of a multi-stage import: the checkpoint that was copied last, the one before it, and the pod that did it. */
    public static final String STORAGE_CHECKPOINT_CURRENT = PREFIX + "storage.checkpoint.current";

    public static final String STORAGE_CHECKPOINT_PREVIOUS = PREFIX + "storage.checkpoint.previous";
    public static final String STORAGE_CHECKPOINT_POD_ID = PREFIX + "storage.checkpoint.pod.id";
    /** With the name of a checkpoint behind it: the UID of the pod that has copied it. */
    public static final String STORAGE_CHECKPOINT_COPIED = PREFIX + "storage.checkpoint.copied.";
    /** "true": the last checkpoint is copied. */
    public static final String STORAGE_CHECKPOINT_DONE = PREFIX + "storage.checkpoint.done";

    public static final String STORAGE_POPULATOR_PROGRESS = PREFIX + "storage.populator.progress";
    public static final String STORAGE_POPULATOR_KIND = PREFIX + "storage.populator.kind";
    /** Name of the prime claim. */
    public static final String STORAGE_POPULATOR_PVC_PRIME = PREFIX + "storage.populator.pvcPrime";
    /** UID of the DataVolume the claim was made for. */
    public static final String CREATED_FOR_DATA_VOLUME = PREFIX + "createdForDataVolume";
    /** JSON array of the volumes that a static claim may bind to. */
    public static final String STORAGE_PERSISTENT_VOLUME_LIST = PREFIX + "storage.persistentVolumeList";
    /** "true": the volume is filled outside of dvflow. */
    public static final String EXTERNAL_POPULATION = PREFIX + "externalPopulation";
    /** Namespace and name of the claim whose events are repeated. */
    public static final String EVENTS_SOURCE = PREFIX + "events.source";

    public static final String EVENTS_SOURCE_KIND = PREFIX + "events.source.kind";
    /** Written by the scheduler on a claim that has found its consumer. */
    public static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

    /** Has OpenShift resolve the images of a pod that are names of image streams. */
    public static final String OPENSHIFT_IMAGE_LOOKUP = "alpha.image.policy.openshift.io/resolve-names";

    // On storage classes and on the CDI object.
    public static final String CLONE_STRATEGY = PREFIX + "clone-strategy";
    public static final String DEFAULT_VIRT_STORAGE_CLASS = "storageclass.kubevirt.io/is-default-virt-class";
    public static final String DEFAULT_STORAGE_CLASS = "storageclass.kubernetes.io/is-default-class";
    /** On the CDI object: its spec.config overwrites the spec of CDIConfig. */
    public static final String CONFIG_AUTHORITY = PREFIX + "configAuthority";

    // On StorageProfiles.
    public static final String MINIMUM_SUPPORTED_PVC_SIZE = PREFIX + "minimumSupportedPvcSize";
    public static final String USE_READ_WRITE_ONCE_FOR_DATA_IMPORT_CRON = PREFIX + "useReadWriteOnceForDataImportCron";
    public static final String SNAPSHOT_CLASS_FOR_DATA_IMPORT_CRON = PREFIX + "snapshotClassForDataImportCron";

    private Annotations() {}
}
