package io.dvflow.gateway.admission;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionRequest;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionRequestBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Requests as the API server sends them. */
final class Requests {
    private Requests() {}

    static AdmissionRequest create(String user, String object) {
        return request("CREATE", user).withObject(parse(object)).build();
    }

    static AdmissionRequest delete(String object) {
        return request("DELETE", "admin").withOldObject(parse(object)).build();
    }

    private static AdmissionRequestBuilder request(String operation, String user) {
        return new AdmissionRequestBuilder()
                .withUid("1")
                .withOperation(operation)
                .withNamespace("default")
                .withNewUserInfo()
                .withUsername(user)
                .endUserInfo();
    }

    private static GenericKubernetesResource parse(String object) {
        return Serialization.unmarshal(object, GenericKubernetesResource.class);
    }
}
