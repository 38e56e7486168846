package io.dvflow.e2e;

import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.UUID;

/**
 * Holds an import at one of its steps for as long as a test wants, by something of the outside world that the step needs:
 * a class, a quota, a consumer, the source's next byte, the controller that binds volumes, a pod that must be gone.
 */
enum Gate {
    PLAN("Plan") {
        @Override
        void shut(Held held) {
            held.storageClass = "later-" + UUID.randomUUID().toString().substring(0, 6);
        }

        @Override
        void open(Held held) {
            var template = kubernetes()
                    .storage()
                    .v1()
                    .storageClasses()
                    .withName("csi-immediate")
                    .get();
            kubernetes()
                    .resource(new StorageClassBuilder()
                            .withNewMetadata()
                            .withName(held.storageClass)
                            .endMetadata()
                            .withProvisioner(template.getProvisioner())
                            .withParameters(template.getParameters())
                            .withVolumeBindingMode(template.getVolumeBindingMode())
                            .build())
                    .create();
            held.askForRetry();
        }

        @Override
        void tidyUp(Held held) {
            kubernetes()
                    .storage()
                    .v1()
                    .storageClasses()
                    .withName(held.storageClass)
                    .delete();
        }
    },
    CLAIM("Prepare") {
        @Override
        void shut(Held held) {
            held.namespace.quota("no-claims", "persistentvolumeclaims", "0");
        }

        @Override
        void open(Held held) {
            held.namespace.liftQuota("no-claims");
            held.askForRetry();
        }
    },
    CONSUMER("Timer") {
        @Override
        void shut(Held held) {
            held.storageClass = "csi-wffc";
        }

        @Override
        void open(Held held) {
            held.startReader();
        }
    },
    TRANSFER("Transfer") {
        @Override
        void shut(Held held) {
            held.holdSource();
        }

        @Override
        void awaitHeld(Held held) {
            super.awaitHeld(held);
            held.awaitHeldSource();
        }

        @Override
        void open(Held held) {
            held.source.letPass();
        }
    },
    HAND_OVER("HandOver") {
        @Override
        void shut(Held held) {
            held.holdSource();
        }

        @Override
        void awaitHeld(Held held) {
            held.awaitHeldSource();
            signal("STOP");
            held.source.letPass();
            super.awaitHeld(held);
        }

        @Override
        void open(Held held) {
            signal("CONT");
        }

        private void signal(String signal) {
            String pid =
                    TestCluster.get().testbed("pid", "kube-controller-manager").strip();
            TestCluster.Command.run("kill", "-" + signal, pid);
        }
    },
    FINISH("Succeed") {
        private static final String FINALIZER = "dvflow.test/hold";

        @Override
        void shut(Held held) {
            held.holdSource();
        }

        @Override
        void awaitHeld(Held held) {
            held.awaitHeldSource();
            held.patchTransferPod("{\"metadata\":{\"finalizers\":[\"" + FINALIZER + "\"]}}");
            held.source.letPass();
            super.awaitHeld(held);
        }

        @Override
        void open(Held held) {
            held.patchTransferPod("{\"metadata\":{\"finalizers\":null}}");
        }
    };

    private final String openActivity;

    Gate(String openActivity) {
        this.openActivity = openActivity;
    }

    /** What the history shows as open while the gate is shut. */
    String openActivity() {
        return openActivity;
    }

    /** Before the object is applied. */
    abstract void shut(Held held);

    /** Waits until the import stands at this step, as its history says. */
    void awaitHeld(Held held) {
        held.running.awaitStep(openActivity);
    }

    abstract void open(Held held);

    void tidyUp(Held held) {}

    private static KubernetesClient kubernetes() {
        return TestCluster.get().kubernetes();
    }

    static final Duration POLL = Duration.ofMillis(200);
}
