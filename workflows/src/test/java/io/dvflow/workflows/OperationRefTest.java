package io.dvflow.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.workflows.OperationRef.Kind;
import io.temporal.api.common.v1.Payload;
import org.junit.jupiter.api.Test;

class OperationRefTest {

    private static final OperationRef DISK = new OperationRef("vms", "disk", "uid-1");
    private static final OperationRef CLAIM = OperationRef.ofClaim("vms", "disk", "uid-2");

    @Test
    void aDataVolumeIsWrittenAsItAlwaysWas() {
        assertThat(payload(DISK).getData().toStringUtf8())
                .isEqualTo("{\"namespace\":\"vms\",\"name\":\"disk\",\"uid\":\"uid-1\"}");
        assertThat(read(payload(DISK))).isEqualTo(DISK);
    }

    @Test
    void aClaimSaysThatItIsOne() {
        assertThat(payload(CLAIM).getData().toStringUtf8()).contains("\"kind\":\"CLAIM\"");
        assertThat(read(payload(CLAIM))).isEqualTo(CLAIM);
        assertThat(read(payload(CLAIM)).theKind()).isEqualTo(Kind.CLAIM);
    }

    @Test
    void aWorkflowsIdNamesItsObject() {
        assertThat(WorkflowIds.importOf(DISK)).isEqualTo("import/vms/disk/uid-1");
        assertThat(WorkflowIds.importOf(CLAIM)).isEqualTo("import-claim/vms/disk/uid-2");
        assertThat(WorkflowIds.importedObject(WorkflowIds.importOf(DISK))).contains(DISK);
        assertThat(WorkflowIds.importedObject(WorkflowIds.importOf(CLAIM))).contains(CLAIM);
        assertThat(WorkflowIds.importedObject("clean-up/vms/disk/uid-1")).isEmpty();
    }

    private static Payload payload(OperationRef ref) {
        return OperationDataConverter.create().toPayload(ref).orElseThrow();
    }

    private static OperationRef read(Payload payload) {
        return OperationDataConverter.create().fromPayload(payload, OperationRef.class, OperationRef.class);
    }
}
