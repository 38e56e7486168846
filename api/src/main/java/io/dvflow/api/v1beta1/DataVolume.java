package io.dvflow.api.v1beta1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * A claim together with the data that are to be in it. Spec is null only in an object under construction; status
 * is null until the first write to it.
 */
@Group(CdiApi.GROUP)
@Version(CdiApi.VERSION)
@Kind("DataVolume")
@Plural("datavolumes")
@ShortNames({"dv", "dvs"})
public class DataVolume extends CustomResource<DataVolumeSpec, DataVolumeStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    // The superclass would call a no-argument constructor, which records do not have.
    @Override
    protected DataVolumeSpec initSpec() {
        return null;
    }

    @Override
    protected DataVolumeStatus initStatus() {
        return null;
    }
}
