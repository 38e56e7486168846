package io.dvflow.gateway.admission;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A cluster that holds what a test says. */
final class FakeCluster implements ClusterView {
    private PersistentVolumeClaim claim;
    private DataSourceState dataSource = new DataSourceState.NotServed();
    private boolean dataVolumesOfUsers;
    private final Set<String> featureGates = new HashSet<>();
    private final Set<String> rights = new HashSet<>();

    FakeCluster withClaim(PersistentVolumeClaim claim) {
        this.claim = claim;
        return this;
    }

    FakeCluster withDataSource(DataSourceState dataSource) {
        this.dataSource = dataSource;
        return this;
    }

    FakeCluster withFeatureGate(String name) {
        featureGates.add(name);
        return this;
    }

    /** @param right as in {@code alice: create datavolumes/source golden/disk} */
    FakeCluster withRight(String right) {
        rights.add(right);
        return this;
    }

    FakeCluster withDataVolumesOfUsers() {
        dataVolumesOfUsers = true;
        return this;
    }

    @Override
    public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
        return Optional.ofNullable(claim)
                .filter(found -> found.getMetadata().getNamespace().equals(namespace))
                .filter(found -> found.getMetadata().getName().equals(name));
    }

    @Override
    public boolean featureGate(String name) {
        return featureGates.contains(name);
    }

    @Override
    public DataSourceState dataSource(String namespace, String name) {
        return dataSource;
    }

    @Override
    public boolean mayCreate(UserInfo user, ResourceName resource) {
        String subresource = resource.subresource().isEmpty() ? "" : "/" + resource.subresource();
        return rights.contains(user.getUsername() + ": create " + resource.resource() + subresource + " "
                + resource.namespace() + "/" + resource.name());
    }

    @Override
    public boolean hasDataVolumesOfUsers() {
        return dataVolumesOfUsers;
    }
}
