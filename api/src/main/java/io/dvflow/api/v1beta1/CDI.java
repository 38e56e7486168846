package io.dvflow.api.v1beta1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The installation; the oldest object counts. Spec and status may be null. Status is an ordinary field here: the
 * kind has no status sub-resource.
 */
@Group(CdiApi.GROUP)
@Version(CdiApi.VERSION)
@Kind("CDI")
@Plural("cdis")
@ShortNames({"cdi", "cdis"})
public class CDI extends CustomResource<CDISpec, CDIStatus> {
    private static final long serialVersionUID = 1L;

    // The superclass would call a no-argument constructor, which records do not have.
    @Override
    protected CDISpec initSpec() {
        return null;
    }

    @Override
    protected CDIStatus initStatus() {
        return null;
    }
}
