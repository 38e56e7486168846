package io.dvflow.api.v1beta1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * Names, in the dataSourceRef of a claim, the data that are imported into the claim. The kind has no status sub-
 * resource.
 */
@Group(CdiApi.GROUP)
@Version(CdiApi.VERSION)
@Kind("VolumeImportSource")
@Plural("volumeimportsources")
public class VolumeImportSource extends CustomResource<VolumeImportSourceSpec, VolumeImportSourceStatus>
        implements Namespaced {
    private static final long serialVersionUID = 1L;

    // The superclass would call a no-argument constructor, which records do not have.
    @Override
    protected VolumeImportSourceSpec initSpec() {
        return null;
    }

    @Override
    protected VolumeImportSourceStatus initStatus() {
        return null;
    }
}
