package io.dvflow.activities.status;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.kubernetes.KubernetesCalls;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events as objects whose name follows from what they say, so that saying it again changes nothing. */
public final class KubernetesEvents implements EventSink {

    private static final Logger LOG = LoggerFactory.getLogger(KubernetesEvents.class);

    private static final String COMPONENT = "dvflow-worker";
    /** The API server's limit for the message of an event, less what a cut costs. */
    private static final int LONGEST_MESSAGE = 1000;

    /** Leaves room for the identity within the 253 characters of an object's name. */
    private static final int LONGEST_NAME = 200;

    private final KubernetesClient client;
    private final Clock clock;

    public KubernetesEvents(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    @Override
    public void publish(HasMetadata regarding, EventNote note) {
        Event event = eventOf(regarding, note);
        try {
            KubernetesCalls.run(
                    "telling of " + note.reason() + " on " + regarding.getFullResourceName() + " "
                            + regarding.getMetadata().getName(),
                    () -> client.resource(event).create());
        } catch (Conflict e) {
            LOG.debug("Told already, by this attempt or by one before it: {}", note);
        } catch (Trouble e) {
            // Events are for people who look on; the condition says the same, and nothing waits for an event.
            LOG.warn("{} ({})", e.getMessage(), note.message());
        }
    }

    private Event eventOf(HasMetadata regarding, EventNote note) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(regarding.getMetadata().getNamespace())
                .withName(nameOf(regarding) + "." + identity(regarding, note))
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(regarding.getApiVersion())
                .withKind(regarding.getKind())
                .withNamespace(regarding.getMetadata().getNamespace())
                .withName(regarding.getMetadata().getName())
                .withUid(regarding.getMetadata().getUid())
                .endInvolvedObject()
                .withType(note.severity().wireName())
                .withReason(note.reason())
                .withMessage(shortened(note.message()))
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withReportingComponent(COMPONENT)
                .build();
    }

    private static String nameOf(HasMetadata regarding) {
        String name = regarding.getMetadata().getName();
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }

    private static String identity(HasMetadata regarding, EventNote note) {
        String text = String.join("\n", regarding.getMetadata().getUid(), note.reason(), note.message());
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    private static String shortened(String message) {
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "...";
    }
}
