package io.dvflow.api.v1beta1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The settings for the whole cluster; one object, named config. Spec and status may be null. Status is an ordinary
 * field here: the kind has no status sub-resource.
 */
@Group(CdiApi.GROUP)
@Version(CdiApi.VERSION)
@Kind("CDIConfig")
@Plural("cdiconfigs")
public class CDIConfig extends CustomResource<CDIConfigSpec, CDIConfigStatus> {
    private static final long serialVersionUID = 1L;

    // The superclass would call a no-argument constructor, which records do not have.
    @Override
    protected CDIConfigSpec initSpec() {
        return null;
    }

    @Override
    protected CDIConfigStatus initStatus() {
        return null;
    }
}
