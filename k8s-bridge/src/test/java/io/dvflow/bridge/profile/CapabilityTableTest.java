package io.dvflow.bridge.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.Reasons;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapabilityTableTest {

    private static final CapabilityTable TABLE = CapabilityTable.load();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', nullValues = "-", textBlock = """
            # provisioner                    | parameters                       | first set      | n | clone     | least
            kubevirt.io.hostpath-provisioner | -                                | RWO Filesystem | 1 | -         | -
            kubevirt.io.hostpath-provisioner | overlayCSI=false                 | RWX Filesystem | 1 | -         | -
            kubevirt.io.hostpath-provisioner | overlayCSI=                      | RWX Filesystem | 1 | -         | -
            rbd.csi.ceph.com                 | -                                | RWX Block      | 3 | csi-clone | -
            csi-unity.dellemc.com            | protocol=NFS                     | RWX Filesystem | 3 | -         | -
            csi-unity.dellemc.com            | protocol=nfs4                    | RWX Block      | 5 | -         | -
            csi-vxflexos.dellemc.com         | csi.storage.k8s.io/fstype=nfs    | RWX Filesystem | 3 | -         | -
            csi-vxflexos.dellemc.com         | csi.storage.k8s.io/fstype=ext4   | RWX Block      | 5 | csi-clone | -
            csi-powermax.dellemc.com         | csi.storage.k8s.io/fstype=NFS    | RWX Filesystem | 3 | -         | -
            csi-powermax.dellemc.com         | -                                | RWX Block      | 4 | csi-clone | -
            csi-powerstore.dellemc.com       | -                                | RWX Block      | 4 | copy      | -
            ebs.csi.aws.com                  | type=io1                         | RWO Block      | 1 | -         | 4Gi
            ebs.csi.aws.com                  | type=io2                         | RWX Block      | 3 | -         | 4Gi
            ebs.csi.aws.com                  | type=gp2                         | RWO Block      | 1 | -         | 1Gi
            ebs.csi.aws.com                  | type=gp3                         | RWO Block      | 1 | -         | 1Gi
            ebs.csi.aws.com                  | type=st1                         | RWO Block      | 1 | -         | -
            ebs.csi.aws.com                  | -                                | RWO Block      | 1 | -         | -
            pd.csi.storage.gke.io            | type=hyperdisk-balanced          | RWX Block      | 3 | snapshot  | 4Gi
            pd.csi.storage.gke.io            | type=pd-ssd                      | RWO Block      | 2 | snapshot  | -
            vpc.file.csi.ibm.io              | profile=rfs,vmState=true         | RWO Filesystem | 1 | snapshot  | 1Gi
            vpc.file.csi.ibm.io              | profile=rfs,vmState=True         | RWX Filesystem | 2 | snapshot  | 1Gi
            vpc.file.csi.ibm.io              | profile=dp2                      | RWX Filesystem | 2 | snapshot  | 10Gi
            vpc.file.csi.ibm.io              | -                                | RWX Filesystem | 2 | snapshot  | -
            pxd.portworx.com                 | backend=pure_block               | RWX Block      | 3 | csi-clone | -
            pxd.portworx.com                 | backend=                         | RWX Block      | 4 | csi-clone | -
            csi.trident.netapp.io            | backendType=ontap-nas-economy    | RWX Filesystem | 2 | snapshot  | -
            csi.trident.netapp.io            | backendType=ontap-san            | RWX Block      | 1 | snapshot  | -
            infinibox-csi-driver             | storage_protocol=fc              | RWX Block      | 3 | csi-clone | -
            infinibox-csi-driver             | storage_protocol=nfs_treeq       | RWX Filesystem | 2 | csi-clone | -
            csi.vsphere.vmware.com           | csi.storage.k8s.io/fstype=NFSv4  | RWX Filesystem | 3 | -         | -
            csi.vsphere.vmware.com           | -                                | RWO Block      | 2 | -         | -
            csi.huawei.com                   | protocol=nfs                     | RWX Filesystem | 3 | -         | -
            csi.huawei.com                   | protocol=NFS                     | RWX Block      | 5 | -         | -
            driver.longhorn.io               | migratable=true                  | RWX Block      | 2 | -         | -
            driver.longhorn.io               | migratable=false,nfsOptions=hard | RWX Filesystem | 2 | -         | -
            driver.longhorn.io               | nfsOptions=,fsType=xfs           | RWO Filesystem | 1 | -         | -
            driver.longhorn.io               | csi.storage.k8s.io/fstype=xfs    | RWO Block      | 1 | -         | -
            csi.san.synology.com             | -                                | RWX Block      | 3 | csi-clone | 1Gi
            csi.san.synology.com             | protocol=smb                     | RWX Filesystem | 2 | csi-clone | 1Gi
            """)
    void knows(String provisioner, String parameters, String firstSet, int sets, String cloneStrategy, String minimum) {
        Capability found = TABLE.of(provisioner, parse(parameters));

        assertThat(found.unrecognized()).isEmpty();
        assertThat(shortForm(found)).isEqualTo(firstSet);
        assertThat(found.sets()).hasSize(sets);
        assertThat(found.cloneStrategy().orElse(null)).isEqualTo(cloneStrategy);
        assertThat(found.minimumSize().orElse(null)).isEqualTo(minimum);
    }

    @Test
    void mountOptionsHaveToBeThereAsWholePieces() {
        assertThat(portworx("vers=3.0,nolock").sets()).hasSize(2);
        assertThat(portworx("nolock,hard,vers=3.0").sets()).hasSize(2);
        assertThat(portworx("vers=3.0, nolock").sets()).hasSize(4);
        assertThat(portworx("vers=3.01,nolock").sets()).hasSize(4);
    }

    private static Capability portworx(String mountOptions) {
        return TABLE.of("pxd.portworx.com", Map.of("sharedv4_mount_options", mountOptions));
    }

    @Test
    void aSelectorIsCutAtCommasAndSemicolonsWithTheirSpaces() {
        var parameters = Map.of("backendType", "google-cloud-netapp-volumes", "selector", "a=b ; performance=flex");

        assertThat(TABLE.of("csi.trident.netapp.io", parameters).minimumSize()).contains("1Gi");
    }

    @ParameterizedTest
    @CsvSource({
        "csi.trident.netapp.io, backendType, solidfire-san, UnrecognizedStorageClassParameters",
        "csi.trident.netapp.io, backendType, google-cloud-netapp-volumes, UnrecognizedStorageClassParameters",
        "infinibox-csi-driver, storage_protocol, smb, UnrecognizedStorageClassParameters",
        "csi.san.synology.com, protocol, ISCSI, UnrecognizedStorageClassParameters",
        "xspc.csi.hpe.com, a, b, UnrecognizedProvisioner",
        "example.org/unheard-of, a, b, UnrecognizedProvisioner",
        "RBD.csi.ceph.com, a, b, UnrecognizedProvisioner",
    })
    void saysWhyItDoesNotKnow(String provisioner, String parameter, String value, String reason) {
        Capability found = TABLE.of(provisioner, Map.of(parameter, value));

        assertThat(found.unrecognized()).contains(reason);
        assertThat(found.sets()).isEmpty();
    }

    @Test
    void someClassesAreNoStorageForDisks() {
        assertThat(TABLE.of("openshift-storage.noobaa.io/obc", Map.of()).unusable())
                .isTrue();
        assertThat(TABLE.of("kubernetes.io/no-provisioner", Map.of()).setsFromVolumes())
                .isTrue();
        assertThat(TABLE.of("kubernetes.io/no-provisioner", Map.of()).unrecognized())
                .contains(Reasons.UNRECOGNIZED_PROVISIONER);
    }

    private static String shortForm(Capability found) {
        var set = found.sets().getFirst();
        String access = set.accessModes().getFirst().equals("ReadWriteMany") ? "RWX" : "RWO";
        return access + " " + set.volumeMode();
    }

    /** {@code a=b,c=d}. */
    private static Map<String, String> parse(String parameters) {
        return parameters == null
                ? Map.of()
                : Arrays.stream(parameters.split(","))
                        .map(parameter -> parameter.split("=", 2))
                        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }
}
