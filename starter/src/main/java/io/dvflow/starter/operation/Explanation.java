package io.dvflow.starter.operation;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dvflow.api.Annotations;
import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import java.util.Optional;

/**
 * What a person wants to know about an operation, in whole sentences. A pure function of the object.
 *
 * @param doing what goes on now
 * @param waitingFor what or whom it waits for, and what ends the wait; empty while it works or is over
 * @param next what comes next, or what the user can do
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Explanation(String doing, Optional<String> waitingFor, String next) {

    public static Explanation of(Operation operation, Hints hints) {
        return switch (operation.standing()) {
            case DELETING -> deleting(operation, hints);
            case SUCCEEDED -> succeeded(operation);
            case FAILED -> failed(operation, hints);
            case CANCELLED -> cancelled(operation, hints);
            case GAVE_UP -> gaveUp(operation, hints);
            case PAUSED -> paused(operation, hints);
            case OPEN -> open(operation, hints);
        };
    }

    private static Explanation open(Operation operation, Hints hints) {
        if (operation.cancelAsked()) {
            return beingCancelled(operation);
        }
        Explanation byPhase = byPhase(operation, hints);
        Optional<String> engineAway = operation.engineAway();
        if (engineAway.isPresent()) {
            return waiting(
                    byPhase.doing(),
                    "Temporal and its workers, which cannot be reached: " + sentence(engineAway.get()),
                    "It goes on where it stood as soon as they are back; nothing is lost.");
        }
        if (operation.pauseAsked()) {
            return waiting(
                    byPhase.doing(),
                    "the pause that was asked for: it takes effect at the next safe point.",
                    "It rests then until " + hints.to("resume", operation) + ".");
        }
        return byPhase;
    }

    private static Explanation byPhase(Operation operation, Hints hints) {
        String claim = "claim " + operation.claim();
        return switch (operation.phase()) {
            case NEW -> brandNew(operation, hints);
            case PENDING ->
                waiting(
                        "Getting a volume for " + claim + ".",
                        operation
                                .trouble()
                                .or(() -> operation.unmet(ConditionTypes.BOUND))
                                .map(Explanation::sentence)
                                .orElse("the storage class's provisioner to make the volume."),
                        operation.trouble().isPresent()
                                ? "It goes on by itself once that is put right; " + hints.to("retry", operation)
                                        + " tries at once."
                                : "The transfer starts as soon as the volume is there.");
            case WAIT_FOR_FIRST_CONSUMER, PENDING_POPULATION -> waitingForConsumer(operation, hints);
            case PVC_BOUND ->
                attempt(
                        operation,
                        hints,
                        "The volume of " + claim + " is there; the transfer is being prepared.",
                        "the transfer pod to be created.",
                        "The " + thing(operation) + " is transferred.");
            case IMPORT_SCHEDULED ->
                attempt(
                        operation,
                        hints,
                        "Starting the transfer pod.",
                        "the pod to be scheduled and its container to start.",
                        "The " + thing(operation) + " is transferred.");
            case IMPORT_IN_PROGRESS ->
                attempt(
                        operation,
                        hints,
                        transferring(operation),
                        "the transfer pod.",
                        "The disk is made durable and handed over to " + claim + "; then it is Succeeded.");
            case UPLOAD_SCHEDULED ->
                attempt(
                        operation,
                        hints,
                        "Starting the upload server.",
                        "its pod to be scheduled and to become ready.",
                        "A client can send the image.");
            case UPLOAD_READY ->
                waiting(
                        "Ready to receive an image" + atPercent(operation) + ".",
                        "a client to send it, such as 'virtctl image-upload'.",
                        "The disk is handed over to " + claim + "; then it is Succeeded.");
            case CLONE_SCHEDULED ->
                attempt(
                        operation,
                        hints,
                        "Preparing to clone" + from(operation) + ".",
                        "the source to be free and the clone's pods or volumes to be made.",
                        "The data are copied.");
            case CLONE_IN_PROGRESS ->
                attempt(
                        operation,
                        hints,
                        "Cloning" + from(operation) + atPercent(operation) + ".",
                        "the clone's pods.",
                        "The disk is handed over to " + claim + "; then it is Succeeded.");
            case SNAPSHOT_FOR_SMART_CLONE_IN_PROGRESS ->
                storageAtWork(
                        operation,
                        "Taking a snapshot of the source" + from(operation) + ".",
                        "A volume is made from it.");
            case CLONE_FROM_SNAPSHOT_SOURCE_IN_PROGRESS, SMART_CLONE_PVC_IN_PROGRESS ->
                storageAtWork(
                        operation,
                        "Making a volume from a snapshot.",
                        "It is brought to size and given to " + claim + ".");
            case CSI_CLONE_IN_PROGRESS ->
                storageAtWork(
                        operation,
                        "The storage clones the volume" + from(operation) + ".",
                        "It is brought to size and given to " + claim + ".");
            case EXPANSION_IN_PROGRESS ->
                storageAtWork(operation, "Growing the volume.", "It is given to " + claim + ".");
            case NAMESPACE_TRANSFER_IN_PROGRESS ->
                storageAtWork(
                        operation,
                        "Moving the volume to namespace " + operation.namespace() + ".",
                        "It is given to " + claim + ".");
            case PREP_CLAIM_IN_PROGRESS ->
                storageAtWork(operation, "Bringing the claim to its size.", "The volume is given to " + claim + ".");
            case REBIND_IN_PROGRESS ->
                storageAtWork(
                        operation,
                        "Handing the filled volume over to " + claim + ".",
                        "The outcome is written; then it is Succeeded.");
            case UNKNOWN ->
                waiting(
                        "Not known: the status gives no phase that this version of the command understands.",
                        operation
                                .trouble()
                                .map(Explanation::sentence)
                                .orElse("the state of " + claim + " to be known."),
                        "Look at the object with " + hints.kubectl("describe", operation) + ".");
            case PAUSED, SUCCEEDED, FAILED ->
                throw new IllegalStateException("Phase " + operation.phase() + " is not that of an open operation");
        };
    }

    private static Explanation beingCancelled(Operation operation) {
        return waiting(
                "Being cancelled: what the operation made is removed.",
                workflowTo("remove it and to write the outcome", operation),
                "The object stays and says that it was cancelled.");
    }

    private static Explanation brandNew(Operation operation, Hints hints) {
        Optional<String> trouble = operation.trouble();
        if (trouble.isPresent()) {
            return waiting(
                    "Nothing yet: the claim cannot be planned.",
                    sentence(trouble.get()),
                    "It goes on by itself once that is put right; " + hints.to("retry", operation) + " tries at once.");
        }
        if (operation.started()) {
            return waiting(
                    "Planning the claim; its workflow has started.",
                    "the plan. If that takes longer than some seconds, the workflow's page says what holds it up.",
                    "The claim " + operation.claim() + " is created.");
        }
        return waiting(
                "Nothing yet: the object is new.",
                "dvflow to start its workflow. If that takes longer than some seconds, see whether dvflow's pods run.",
                "The claim " + operation.claim() + " is planned and created.");
    }

    private static Explanation waitingForConsumer(Operation operation, Hints hints) {
        return waiting(
                "Nothing: the storage class makes a volume only when a pod uses it.",
                "a pod that uses claim " + operation.claim() + " to be created.",
                "The volume is made where that pod will run, and filled. To fill it now: "
                        + hints.annotate(operation, Annotations.STORAGE_BIND_IMMEDIATE_REQUESTED + "=true") + ".");
    }

    /** A phase in which a pod works, or the next attempt is due. */
    private static Explanation attempt(
            Operation operation, Hints hints, String doing, String usualWait, String usualNext) {
        if (operation.isTransferring()) {
            return new Explanation(doing, Optional.empty(), usualNext);
        }
        Optional<String> trouble = operation.trouble();
        if (trouble.isPresent()) {
            return waiting(
                    doing,
                    "the next attempt. The last one" + numbered(operation) + " ended with: " + sentence(trouble.get()),
                    "It tries again by itself; " + hints.to("retry", operation) + " tries at once, "
                            + hints.to("cancel", operation) + " gives up.");
        }
        return waiting(
                doing,
                operation
                        .unmet(ConditionTypes.RUNNING)
                        .filter(words -> !words.isEmpty() && !words.equals("Pending"))
                        .map(words -> usualWait.replaceFirst("\\.$", "") + " (" + words + ").")
                        .orElse(usualWait),
                usualNext);
    }

    private static Explanation storageAtWork(Operation operation, String doing, String next) {
        Optional<String> trouble = operation.trouble();
        return trouble.isPresent()
                ? waiting(doing, "this to be put right: " + sentence(trouble.get()), next)
                : new Explanation(doing, Optional.empty(), next);
    }

    private static Explanation paused(Operation operation, Hints hints) {
        if (operation.cancelAsked()) {
            return beingCancelled(operation);
        }
        if (operation.pauseAsked()) {
            return waiting(
                    "Paused by request" + atPercent(operation) + "; what was transferred is kept.",
                    "somebody to resume it: " + hints.to("resume", operation) + ".",
                    "The transfer goes on where it stopped, as far as the source allows.");
        }
        if (operation.multiStage()) {
            return waiting(
                    "Paused between two stages of a multi-stage import.",
                    "the next checkpoint in spec.checkpoints, or spec.finalCheckpoint: true.",
                    "What changed since the last checkpoint is transferred.");
        }
        return waiting(
                "Paused, though the object does not ask for it: it was resumed a moment ago, or somebody paused it in "
                        + "Temporal.",
                "the workflow to go on, or the one who paused it to resume it there.",
                "The transfer goes on where it stopped, as far as the source allows.");
    }

    private static Explanation deleting(Operation operation, Hints hints) {
        return waiting(
                "Being deleted: what the operation made is removed.",
                workflowTo("remove it and to let the object go", operation),
                "The object is gone. If it stays and its workflow is lost: "
                        + hints.annotate(operation, DvflowAnnotations.FORCE_RELEASE + "=true") + ".");
    }

    private static Explanation succeeded(Operation operation) {
        return new Explanation(
                "Nothing: the disk is complete in claim " + operation.claim() + ".",
                Optional.empty(),
                "A virtual machine or a pod can use the claim.");
    }

    private static Explanation failed(Operation operation, Hints hints) {
        return new Explanation(
                "Nothing: it failed for good"
                        + operation
                                .trouble()
                                .map(words -> ": " + sentence(words))
                                .orElse("."),
                Optional.empty(),
                "No retry can help. Correct the cause, delete the object with " + hints.kubectl("delete", operation)
                        + " and create it anew.");
    }

    private static Explanation cancelled(Operation operation, Hints hints) {
        return new Explanation(
                "Nothing: it was cancelled.",
                Optional.empty(),
                "It never starts again. Delete the object with " + hints.kubectl("delete", operation)
                        + " and create it anew to start over.");
    }

    private static Explanation gaveUp(Operation operation, Hints hints) {
        return new Explanation(
                "Nothing: it was given up"
                        + operation
                                .trouble()
                                .map(words -> ": " + sentence(words))
                                .orElse(" after its last attempt or its deadline."),
                Optional.empty(),
                "It never starts again. Delete the object with " + hints.kubectl("delete", operation)
                        + " and create it anew, with another " + DvflowAnnotations.MAX_ATTEMPTS + " or "
                        + DvflowAnnotations.DEADLINE + ".");
    }

    private static Explanation waiting(String doing, String waitingFor, String next) {
        return new Explanation(doing, Optional.of(waitingFor), next);
    }

    private static String transferring(Operation operation) {
        return operation.source().equals("blank")
                ? "Making an empty disk" + atPercent(operation) + "."
                : "Transferring the image" + from(operation) + atPercent(operation) + ".";
    }

    private static String workflowTo(String act, Operation operation) {
        return operation
                .engineAway()
                .map(words -> "Temporal and its workers, which cannot be reached: " + sentence(words))
                .orElse("the workflow to " + act + ".");
    }

    private static String thing(Operation operation) {
        return operation.source().equals("blank") ? "empty disk" : "image";
    }

    private static String from(Operation operation) {
        return operation.address().map(address -> " from " + address).orElse("");
    }

    private static String atPercent(Operation operation) {
        return operation.percent().isPresent() ? ", " + operation.progress() + " done" : "";
    }

    private static String numbered(Operation operation) {
        return operation.restarts() > 0 ? " (number " + operation.restarts() + ")" : "";
    }

    private static String sentence(String words) {
        return words.endsWith(".") ? words : words + ".";
    }
}
