package io.dvflow.activities.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.FakeSettings;
import io.dvflow.activities.Given;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StorageClassChoiceTest {

    private static final String VIRT = "storageclass.kubevirt.io/is-default-virt-class";
    private static final String DEFAULT = "storageclass.kubernetes.io/is-default-class";

    @Test
    void disksPreferTheDefaultForVirtualMachines() {
        var classes = List.of(marked("plain", DEFAULT, 2), marked("virt", VIRT, 1));

        assertThat(name(StorageClassChoice.forDisks(classes))).contains("virt");
        assertThat(name(StorageClassChoice.forAnything(classes))).contains("plain");
    }

    @Test
    void onlyDisksGetTheDefaultForVirtualMachines() {
        var settings =
                new FakeSettings().storageClass(marked("plain", DEFAULT, 2)).storageClass(marked("virt", VIRT, 1));
        String claim = "storage: {resources: {requests: {storage: 1Gi}}}";

        assertThat(name(StorageClassChoice.choose(Given.spec(claim), settings))).contains("virt");
        assertThat(name(StorageClassChoice.choose(Given.spec("contentType: archive\n" + claim), settings)))
                .contains("plain");
    }

    @Test
    void theNewestOfSeveralDefaultsCountsThenTheName() {
        assertThat(name(StorageClassChoice.forDisks(
                        List.of(marked("old", DEFAULT, 1), marked("new", DEFAULT, 3), marked("mid", DEFAULT, 2)))))
                .contains("new");
        assertThat(name(StorageClassChoice.forDisks(List.of(marked("b", DEFAULT, 1), marked("a", DEFAULT, 1)))))
                .contains("a");
    }

    @Test
    void noneIsMarked() {
        assertThat(StorageClassChoice.forDisks(List.of(marked("plain", "unrelated", 1))))
                .isEmpty();
    }

    private static Optional<String> name(Optional<StorageClass> chosen) {
        return chosen.map(each -> each.getMetadata().getName());
    }

    private static StorageClass marked(String name, String annotation, int day) {
        return new StorageClassBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp("2026-01-0" + day + "T00:00:00Z")
                .addToAnnotations(annotation, "true")
                .endMetadata()
                .build();
    }
}
