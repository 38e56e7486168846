package io.dvflow.api.v1beta1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/** What dvflow knows of the storage class of the same name. Spec and status may be null. */
@Group(CdiApi.GROUP)
@Version(CdiApi.VERSION)
@Kind("StorageProfile")
@Plural("storageprofiles")
public class StorageProfile extends CustomResource<StorageProfileSpec, StorageProfileStatus> {
    private static final long serialVersionUID = 1L;

    // The superclass would call a no-argument constructor, which records do not have.
    @Override
    protected StorageProfileSpec initSpec() {
        return null;
    }

    @Override
    protected StorageProfileStatus initStatus() {
        return null;
    }
}
