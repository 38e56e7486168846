package io.dvflow.gateway.admission;

import io.dvflow.api.v1beta1.CDI;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionRequest;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Keeps the installation while people's DataVolumes exist, if it says so itself. */
public final class CdiDeletion implements AdmissionRule {
    private static final String BLOCK = "BlockUninstallIfWorkloadsExist";

    private final KubernetesSerialization json = new KubernetesSerialization();
    private final ClusterView cluster;

    public CdiDeletion(ClusterView cluster) {
        this.cluster = cluster;
    }

    @Override
    public Verdict decide(AdmissionRequest request) {
        if (!"DELETE".equals(request.getOperation())) {
            return Verdict.allowed();
        }
        CDI installation = json.convertValue(request.getOldObject(), CDI.class);
        if (!blocks(installation) || !cluster.hasDataVolumesOfUsers()) {
            return Verdict.allowed();
        }
        return Verdict.forbidden("Rejecting the uninstall request, since there are still DataVolumes present; delete"
                + " them, or set spec.uninstallStrategy of CDI "
                + installation.getMetadata().getName() + " to RemoveWorkloads");
    }

    private static boolean blocks(CDI installation) {
        return installation.getSpec() != null
                && BLOCK.equals(installation.getSpec().uninstallStrategy());
    }
}
