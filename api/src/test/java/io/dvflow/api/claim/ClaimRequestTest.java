package io.dvflow.api.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.claim.ClaimRequest.Reading;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.api.v1beta1.Source;
import io.dvflow.api.v1beta1.SourceKind;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimRequestTest {

    private static final String URL = "https://images.example/fedora.qcow2";

    @Test
    void anEndpointOrASourceIsARequest() {
        assertThat(ClaimRequest.isOn(claim("endpoint", URL))).isTrue();
        assertThat(ClaimRequest.isOn(claim("source", "none"))).isTrue();
        assertThat(ClaimRequest.isOn(claim("secretName", "login"))).isFalse();
    }

    @Test
    void whatWasMadeForADataVolumeIsNone() {
        PersistentVolumeClaim controlled = claim("endpoint", URL);
        controlled
                .getMetadata()
                .setOwnerReferences(List.of(new OwnerReferenceBuilder()
                        .withKind("DataVolume")
                        .withController(true)
                        .build()));
        PersistentVolumeClaim orphaned = annotated(claim("endpoint", URL), Annotations.CREATED_FOR_DATA_VOLUME, "uid");

        assertThat(ClaimRequest.isOn(controlled)).isFalse();
        assertThat(ClaimRequest.isOn(orphaned))
                .as("its DataVolume was deleted without it")
                .isFalse();
    }

    @Test
    void anOwnerThatDoesNotControlItChangesNothing() {
        PersistentVolumeClaim owned = claim("endpoint", URL);
        owned.getMetadata()
                .setOwnerReferences(List.of(
                        new OwnerReferenceBuilder().withKind("VirtualMachine").build()));

        assertThat(ClaimRequest.isOn(owned)).isTrue();
    }

    @Test
    void whatOthersFillOrHaveFilledIsNone() {
        PersistentVolumeClaim populated = new PersistentVolumeClaimBuilder(claim("endpoint", URL))
                .editSpec()
                .withNewDataSourceRef()
                .withKind("VolumeImportSource")
                .withName("source")
                .endDataSourceRef()
                .endSpec()
                .build();

        assertThat(ClaimRequest.isOn(populated)).isFalse();
        assertThat(ClaimRequest.isOn(annotated(claim("endpoint", URL), Annotations.STORAGE_POPULATED_FOR, "fedora")))
                .isFalse();
    }

    @Test
    void whatIsUnderWayStaysOneWhateverBecomesOfItsAnnotations() {
        PersistentVolumeClaim held = claim("secretName", "login");
        held.getMetadata().setFinalizers(List.of(Finalizers.OPERATION));

        assertThat(ClaimRequest.isOn(held)).isTrue();
        assertThat(sentence(held)).contains("storage.import.endpoint is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "'',https://images.example/fedora.qcow2,HTTP",
        "http,http://images.example/fedora.qcow2,HTTP",
        "s3,https://s3.example/bucket/fedora.qcow2,S3",
        "gcs,gs://bucket/fedora.qcow2,GCS",
        "registry,docker://quay.example/disks/fedora:1,REGISTRY",
        "none,'',BLANK",
    })
    void eachSourceIsRead(String source, String endpoint, SourceKind kind) {
        Source read = source(claim("source", source, "endpoint", endpoint));

        assertThat(SourceKind.of(read)).isEqualTo(kind);
    }

    @Test
    void everythingAboutAWebServerIsRead() {
        DataVolumeSource read = spec(claim(
                        "endpoint", URL,
                        "secretName", "login",
                        "certConfigMap", "authorities",
                        "extraHeaders.10", "X-B: 2",
                        "extraHeaders.2", "X-A: 1",
                        "secretExtraHeaders.0", "headers",
                        "checksum", "md5:0123456789abcdef0123456789ABCDEF",
                        "insecureSkipVerify", "true"))
                .source();

        assertThat(read.http().url()).isEqualTo(URL);
        assertThat(read.http().secretRef()).isEqualTo("login");
        assertThat(read.http().certConfigMap()).isEqualTo("authorities");
        assertThat(read.http().extraHeaders()).containsExactly("X-A: 1", "X-B: 2");
        assertThat(read.http().secretExtraHeaders()).containsExactly("headers");
        assertThat(read.http().checksum()).startsWith("md5:");
        assertThat(read.http().insecureSkipVerify()).isTrue();
    }

    @Test
    void everythingAboutTheDisksOfOthersIsRead() {
        var vddk = spec(claim(
                        "source", "vddk",
                        "endpoint", "https://vcenter.example",
                        "secretName", "login",
                        "uuid", "52260566",
                        "backingFile", "[store] vm/vm.vmdk",
                        "vddk.thumbprint", "20:6C"))
                .source()
                .vddk();
        var imageIo = spec(claim(
                        "source", "imageio",
                        "endpoint", "https://engine.example",
                        "secretName", "login",
                        "diskId", "disk-1"))
                .source()
                .imageio();
        var stream = spec(claim(
                        "source", "registry",
                        "endpoint", "fedora",
                        "registryImageStream", "true",
                        "registryImportMethod", "node"))
                .source()
                .registry();

        assertThat(vddk.backingFile()).isEqualTo("[store] vm/vm.vmdk");
        assertThat(vddk.thumbprint()).isEqualTo("20:6C");
        assertThat(imageIo.diskId()).isEqualTo("disk-1");
        assertThat(stream.imageStream()).isEqualTo("fedora");
        assertThat(stream.url()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "source | htp | is \"htp\", expected http, s3, gcs, registry, imageio, vddk or none",
                "endpoint | | is missing, expected an absolute address that starts with http or https",
                "endpoint | ftp://u:secret@h/x | starts with \"ftp\", expected an absolute address that starts with http or https",
                "endpoint | images/x.img | has no scheme, expected an absolute address that starts with http or https",
                "endpoint | http://h/a b | is no address (Illegal character in path at character 10), expected an absolute address that starts with http or https",
                "insecureSkipVerify | yes | is \"yes\", expected true or false",
                "checksum | md5:12 | is \"md5:12\", expected algorithm:hex, where the algorithm is md5, sha1, sha256 or sha512",
                "extraHeaders.one | X: 1 | ends with \"one\", expected a number there, from 0 on",
            })
    void aMistakeNamesKeyValueAndWhatIsAllowed(String key, String value, String said) {
        PersistentVolumeClaim claim = annotated(
                claim("endpoint", URL), Annotations.PREFIX + "storage.import." + key, value == null ? "" : value);

        assertThat(sentence(claim)).isEqualTo("Annotation cdi.kubevirt.io/storage.import." + key + " " + said);
    }

    @Test
    void contentTypePullMethodLoginAndStagesAreCheckedToo() {
        assertThat(sentence(annotated(claim("endpoint", URL), Annotations.STORAGE_CONTENT_TYPE, "iso")))
                .isEqualTo("Annotation cdi.kubevirt.io/storage.contentType is \"iso\", expected kubevirt or archive");
        assertThat(sentence(claim("source", "registry", "endpoint", "docker://h/x", "registryImportMethod", "nod")))
                .endsWith("registryImportMethod is \"nod\", expected pod or node");
        assertThat(sentence(claim("source", "registry", "endpoint", "fedora", "registryImageStream", "true")))
                .endsWith("registryImportMethod is missing, expected node, which an image stream needs");
        assertThat(sentence(claim("source", "imageio", "endpoint", "https://h", "diskId", "1")))
                .contains("storage.import.secretName is missing");
        assertThat(sentence(annotated(claim("endpoint", URL), Annotations.STORAGE_CHECKPOINT_CURRENT, "snap-1")))
                .contains("an import in several stages needs a DataVolume");
    }

    @Test
    void anotherRequestIsAnotherRetry() {
        String first = retryOf(claim("endpoint", URL));
        String progressed = retryOf(annotated(
                annotated(claim("endpoint", URL), Annotations.STORAGE_POD_PHASE, "Running"),
                Annotations.STORAGE_IMPORT_POD_NAME,
                "importer-fedora"));

        assertThat(progressed).as("what dvflow writes is no request").isEqualTo(first);
        assertThat(retryOf(claim("endpoint", URL + ".gz"))).isNotEqualTo(first);
        assertThat(retryOf(annotated(claim("endpoint", URL), DvflowAnnotations.RETRY, "now")))
                .isNotEqualTo(first)
                .startsWith("now ");
    }

    @Test
    void itIsTheClaimThatIsTheObject() {
        AnnotatedClaim seen = AnnotatedClaim.of(claim("endpoint", URL));

        assertThat(seen.getKind()).isEqualTo("PersistentVolumeClaim");
        assertThat(seen.getApiVersion()).isEqualTo("v1");
        assertThat(seen.getMetadata().getUid()).isEqualTo("uid-1");
        assertThat(DataVolumePhase.of(seen)).isEqualTo(DataVolumePhase.NEW);
    }

    @Test
    void itsStatusIsWhatWasWrittenLast() {
        DataVolumeStatus status = new DataVolumeStatus("fedora", "ImportInProgress", "50.00%", 2, List.of());
        PersistentVolumeClaim claim =
                annotated(claim("endpoint", URL), DvflowAnnotations.STATUS, AnnotatedClaim.asAnnotation(status));

        assertThat(AnnotatedClaim.of(claim).getStatus()).isEqualTo(status);
        assertThat(AnnotatedClaim.of(annotated(claim, DvflowAnnotations.STATUS, "{{"))
                        .getStatus()
                        .phase())
                .isNull();
    }

    @Test
    void whatCdiHasFilledIsNotFilledAgain() {
        AnnotatedClaim seen =
                AnnotatedClaim.of(annotated(claim("endpoint", URL), Annotations.STORAGE_POD_PHASE, "Succeeded"));

        assertThat(DataVolumePhase.of(seen).isTerminal()).isTrue();
    }

    private static String retryOf(PersistentVolumeClaim claim) {
        return AnnotatedClaim.of(claim).getMetadata().getAnnotations().get(DvflowAnnotations.RETRY);
    }

    private static String sentence(PersistentVolumeClaim claim) {
        return ((Reading.Mistaken) ClaimRequest.read(claim)).mistake().sentence();
    }

    private static Source source(PersistentVolumeClaim claim) {
        return spec(claim).source().members().getFirst();
    }

    private static DataVolumeSpec spec(PersistentVolumeClaim claim) {
        return ((Reading.Clear) ClaimRequest.read(claim)).spec();
    }

    /** @param keysAndValues without CDI's prefix */
    private static PersistentVolumeClaim claim(String... keysAndValues) {
        Map<String, String> annotations = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            annotations.put(Annotations.PREFIX + "storage.import." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace("vms")
                .withName("fedora")
                .withUid("uid-1")
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }

    private static PersistentVolumeClaim annotated(PersistentVolumeClaim claim, String key, String value) {
        return new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .addToAnnotations(key, value)
                .endMetadata()
                .build();
    }
}
