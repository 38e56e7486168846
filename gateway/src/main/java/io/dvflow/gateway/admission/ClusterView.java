package io.dvflow.gateway.admission;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.util.Optional;

/** What the rules ask of the cluster; each call reads anew. */
public interface ClusterView {

    Optional<PersistentVolumeClaim> claim(String namespace, String name);

    /** Whether the CDIConfig has the feature gate switched on. */
    boolean featureGate(String name);

    DataSourceState dataSource(String namespace, String name);

    /** Whether the user may create objects of the sort in the namespace, were they to have this name. */
    boolean mayCreate(UserInfo user, ResourceName resource);

    /** Whether there is a DataVolume that no DataImportCron made. */
    boolean hasDataVolumesOfUsers();

    /**
     * @param subresource empty for the resource itself
     */
    record ResourceName(String group, String resource, String subresource, String namespace, String name) {}
}
