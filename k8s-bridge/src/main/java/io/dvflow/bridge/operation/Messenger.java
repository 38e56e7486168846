package io.dvflow.bridge.operation;

import io.dvflow.bridge.engine.EngineUnavailableException;
import io.dvflow.bridge.engine.Message;
import io.dvflow.bridge.engine.WorkflowEngine;
import io.dvflow.workflows.OperationRef;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells running workflows what their objects ask, away from the threads that reconcile, since an update waits for a
 * worker; and remembers what each has been told.
 */
final class Messenger {

    private static final Logger LOG = LoggerFactory.getLogger(Messenger.class);

    private final WorkflowEngine engine;
    private final Executor executor;
    private final InstantSource clock;
    private final Listener listener;
    private final Map<OperationRef, Told> told = new ConcurrentHashMap<>();
    private final Set<OperationRef> busy = ConcurrentHashMap.newKeySet();

    /** Hears how sending ended, on another thread than the one that asked for it. */
    interface Listener {
        /** All is told; what the object asked meanwhile has to be looked at. */
        void told(OperationRef ref);

        /** Something did not get through. */
        void failed(OperationRef ref);
    }

    Messenger(WorkflowEngine engine, Executor executor, InstantSource clock, Listener listener) {
        this.listener = listener;
        this.engine = engine;
        this.executor = executor;
        this.clock = clock;
    }

    Told told(OperationRef ref) {
        return told.getOrDefault(ref, Told.NOTHING);
    }

    /** The object's intent was seen to change at this version. */
    void intentChanged(OperationRef ref, long version) {
        told.compute(ref, (_, known) -> orNothing(known).intentChanged(version));
    }

    /** The workflow has just been started and reads the object by itself. */
    void startedWith(Subject.Present object) {
        told.compute(object.ref(), (_, known) -> orNothing(known).intent(object.intent(), clock.instant()));
    }

    void forget(OperationRef ref) {
        told.remove(ref);
    }

    /** Sends the messages in the background, unless some to this object are under way. */
    void send(OperationRef ref, List<Message> messages) {
        if (busy.add(ref)) {
            executor.execute(() -> deliver(ref, messages));
        }
    }

    private void deliver(OperationRef ref, List<Message> messages) {
        boolean delivered = false;
        try {
            for (Message message : messages) {
                engine.tell(ref, message);
                remember(ref, message);
                LOG.debug("The import of {} knows {}", ref, message);
            }
            delivered = true;
        } catch (EngineUnavailableException e) {
            LOG.debug("The import of {} could not be told something yet: {}", ref, e.getMessage());
        } finally {
            busy.remove(ref);
            if (delivered) {
                listener.told(ref);
            } else {
                listener.failed(ref);
            }
        }
    }

    private void remember(OperationRef ref, Message message) {
        told.compute(ref, (_, known) -> switch (message) {
            case Message.TellIntent(var intent) -> orNothing(known).intent(intent, clock.instant());
            case Message.TellConsumer(var consumer) -> orNothing(known).consumer(new Consumer(consumer));
            case Message.TellCheckpoints(var generation) -> orNothing(known).checkpoints(generation);
        });
    }

    private static Told orNothing(Told known) {
        return known == null ? Told.NOTHING : known;
    }
}
