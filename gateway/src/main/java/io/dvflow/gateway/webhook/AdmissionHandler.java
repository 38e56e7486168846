package io.dvflow.gateway.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.dvflow.gateway.admission.AdmissionRule;
import io.dvflow.gateway.admission.Verdict;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionRequest;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionResponse;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionResponseBuilder;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionReview;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionReviewBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Speaks {@code admission.k8s.io/v1} with the API server: an AdmissionReview in, an AdmissionReview out. */
public final class AdmissionHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(AdmissionHandler.class);

    // Objects have at most 3 MiB, and a request may hold two of them.
    private static final int BODY_LIMIT = 8 << 20;

    private final KubernetesSerialization json = new KubernetesSerialization();
    private final AdmissionRule rule;

    public AdmissionHandler(AdmissionRule rule) {
        this.rule = rule;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("POST")) {
                Answers.text(exchange, 405, "Expected a POST of an AdmissionReview\n");
                return;
            }
            byte[] body = exchange.getRequestBody().readNBytes(BODY_LIMIT + 1);
            if (body.length > BODY_LIMIT) {
                Answers.text(exchange, 413, "Expected an AdmissionReview of at most " + BODY_LIMIT + " bytes\n");
                return;
            }
            answer(exchange, body);
        }
    }

    private void answer(HttpExchange exchange, byte[] body) throws IOException {
        AdmissionRequest request = read(body);
        if (request == null || request.getUid() == null) {
            Answers.text(exchange, 400, "Expected an AdmissionReview of admission.k8s.io/v1 with a request\n");
            return;
        }
        AdmissionReview review =
                new AdmissionReviewBuilder().withResponse(respond(request)).build();
        Answers.json(exchange, json.asJson(review));
    }

    private AdmissionRequest read(byte[] body) {
        try {
            AdmissionReview review = json.unmarshal(new String(body, StandardCharsets.UTF_8), AdmissionReview.class);
            return review == null ? null : review.getRequest();
        } catch (RuntimeException e) {
            LOG.warn("Refused a request that is no AdmissionReview: {}", e.getMessage());
            return null;
        }
    }

    private AdmissionResponse respond(AdmissionRequest request) {
        AdmissionResponseBuilder response = new AdmissionResponseBuilder().withUid(request.getUid());
        return switch (decide(request)) {
            case Verdict.Allowed() -> response.withAllowed(true).build();
            case Verdict.Denied(int code, String message) -> {
                LOG.info("Refused {}: {}", named(request), message);
                yield response.withAllowed(false)
                        .withStatus(new StatusBuilder()
                                .withCode(code)
                                .withMessage(message)
                                .build())
                        .build();
            }
        };
    }

    // Not knowing is no reason to let a request pass.
    private Verdict decide(AdmissionRequest request) {
        try {
            return rule.decide(request);
        } catch (RuntimeException e) {
            LOG.error("Could not decide on {}", named(request), e);
            return new Verdict.Denied(500, "dvflow could not check the request: " + e.getMessage() + "; try again");
        }
    }

    private static String named(AdmissionRequest request) {
        String name =
                request.getNamespace() == null ? request.getName() : request.getNamespace() + "/" + request.getName();
        return request.getOperation() + " of " + request.getKind().getKind() + " " + name;
    }
}
