package io.dvflow.gateway.admission;

import io.fabric8.kubernetes.api.model.admission.v1.AdmissionRequest;

/** Decides on admission requests. Throws when it cannot decide; the request is then refused. */
public interface AdmissionRule {
    Verdict decide(AdmissionRequest request);
}
