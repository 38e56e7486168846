package io.dvflow.gateway.admission;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSourceRef;
import io.dvflow.gateway.admission.ClusterView.ResourceName;
import io.dvflow.gateway.admission.DataSourceState.CloneSource;
import io.dvflow.gateway.admission.Verdict.Denied;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionRequest;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;

/** The rules on a new DataVolume that look at other objects. All others are in the CRD and in admission policies. */
public final class DataVolumeCreation implements AdmissionRule {
    private static final String ADOPTION_GATE = "DataVolumeClaimAdoption";

    private final KubernetesSerialization json = new KubernetesSerialization();
    private final ClusterView cluster;

    public DataVolumeCreation(ClusterView cluster) {
        this.cluster = cluster;
    }

    @Override
    public Verdict decide(AdmissionRequest request) {
        if (!"CREATE".equals(request.getOperation())) {
            return Verdict.allowed();
        }
        DataVolume dataVolume = json.convertValue(request.getObject(), DataVolume.class);
        Verdict destination = decideDestination(request.getNamespace(), dataVolume);
        return destination instanceof Denied
                ? destination
                : decideSource(request.getNamespace(), dataVolume, request.getUserInfo());
    }

    private Verdict decideDestination(String namespace, DataVolume dataVolume) {
        String name = dataVolume.getMetadata().getName();
        if (name == null || name.isEmpty()) {
            // A name yet to be generated is one that no claim has.
            return Verdict.allowed();
        }
        return cluster.claim(namespace, name)
                .map(claim -> DestinationClaim.decide(dataVolume, claim, () -> cluster.featureGate(ADOPTION_GATE)))
                .orElseGet(Verdict::allowed);
    }

    private Verdict decideSource(String namespace, DataVolume dataVolume, UserInfo user) {
        DataVolumeSourceRef reference = dataVolume.getSpec().sourceRef();
        if (reference == null) {
            return Verdict.allowed();
        }
        String of = isEmpty(reference.namespace()) ? namespace : reference.namespace();
        String name = "DataSource " + of + "/" + reference.name();
        return switch (cluster.dataSource(of, reference.name())) {
            case DataSourceState.NotServed() ->
                Verdict.invalid("SourceRef " + name + " not found: this cluster does not serve the kind DataSource of "
                        + CdiApi.API_VERSION + "; name the source itself under spec.source");
            case DataSourceState.NotFound() -> Verdict.invalid("SourceRef " + name + " not found");
            case DataSourceState.Found(var source) ->
                source.map(found -> decideRights(namespace, dataVolume, found, user))
                        .orElseGet(() -> Verdict.invalid(
                                "Empty source field in " + name + ": it may not be ready yet; see its conditions"));
        };
    }

    // As the admission policy for spec.source, which cannot look into a DataSource.
    private Verdict decideRights(String namespace, DataVolume dataVolume, CloneSource source, UserInfo user) {
        if (source.namespace().equals(namespace) || isFilledAlready(dataVolume) || mayClone(user, source)) {
            return Verdict.allowed();
        }
        return Verdict.forbidden("User " + user.getUsername()
                + " has insufficient permissions in clone source namespace " + source.namespace());
    }

    private boolean mayClone(UserInfo user, CloneSource source) {
        if (mayCreate(user, source, CdiApi.GROUP, "datavolumes", "source")) {
            return true;
        }
        boolean mayRunPods = mayCreate(user, source, "", "pods", "");
        return switch (source.kind()) {
            case CLAIM -> mayRunPods;
            case SNAPSHOT -> mayRunPods && mayCreate(user, source, "", "persistentvolumeclaims", "");
        };
    }

    private boolean mayCreate(UserInfo user, CloneSource source, String group, String resource, String subresource) {
        return cluster.mayCreate(
                user, new ResourceName(group, resource, subresource, source.namespace(), source.name()));
    }

    private static boolean isFilledAlready(DataVolume dataVolume) {
        Map<String, String> annotations = dataVolume.getMetadata().getAnnotations();
        return annotations != null
                && (annotations.containsKey(Annotations.STORAGE_PRE_POPULATED)
                        || annotations.containsKey(Annotations.STORAGE_CHECK_STATIC_VOLUME));
    }

    private static boolean isEmpty(String text) {
        return text == null || text.isEmpty();
    }
}
