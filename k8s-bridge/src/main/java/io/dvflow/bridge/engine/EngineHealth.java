package io.dvflow.bridge.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether operations can go on, as last seen. Bad news has to be seen several times in a row before it counts, so that
 * a hiccup is not written onto every object; good news counts at once.
 */
public final class EngineHealth {

    private static final Logger LOG = LoggerFactory.getLogger(EngineHealth.class);
    private static final int TIMES_UNTIL_BELIEVED = 3;

    private final WorkflowEngine engine;
    private final List<Consumer<EngineState>> listeners = new CopyOnWriteArrayList<>();
    private volatile EngineState state = EngineState.AVAILABLE;
    private EngineState suspected = EngineState.AVAILABLE;
    private int times;
    private String trouble = "";

    public EngineHealth(WorkflowEngine engine) {
        this.engine = engine;
    }

    public EngineState state() {
        return state;
    }

    /** Told of each change, on the thread that calls {@link #look}. */
    public void onChange(Consumer<EngineState> listener) {
        listeners.add(listener);
    }

    /** Probes once. Called periodically. */
    public synchronized void look() {
        EngineState seen = probe();
        times = seen == suspected ? times + 1 : 1;
        suspected = seen;
        if (seen != state && (seen == EngineState.AVAILABLE || times >= TIMES_UNTIL_BELIEVED)) {
            change(seen);
        }
    }

    private EngineState probe() {
        try {
            return engine.workersPoll() ? EngineState.AVAILABLE : EngineState.NO_WORKERS;
        } catch (EngineUnavailableException | EngineRefusedException e) {
            trouble = e.getMessage();
            return EngineState.UNREACHABLE;
        }
    }

    private void change(EngineState now) {
        switch (now) {
            case AVAILABLE -> LOG.info("Temporal answers and workers are there: operations go on");
            case NO_WORKERS -> LOG.warn("Temporal answers, but no worker asks it for work: operations wait");
            case UNREACHABLE -> LOG.warn("{}. Operations wait", trouble);
        }
        state = now;
        listeners.forEach(listener -> listener.accept(now));
    }
}
