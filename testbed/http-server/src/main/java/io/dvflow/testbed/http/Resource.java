package io.dvflow.testbed.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A path of the server: what it serves, what it does wrong, and what has been asked of it. Safe for use by many
 * threads.
 */
public final class Resource {

    private static final int LOGGED_REQUESTS = 10_000;

    private final String path;
    private final Deque<ServedRequest> log = new ArrayDeque<>();
    private ResourceSpec spec;
    private List<ArmedFault> faults = List.of();
    private long requests;
    private long bodyBytes;
    private int held;

    Resource(String path, ResourceSpec spec) {
        this.path = path;
        this.spec = spec;
    }

    /**
     * Counters since the start or the last reset.
     *
     * @param bodyBytes body bytes that were written to sockets
     * @param held responses that wait at a gate now
     */
    public record Stats(long requests, long bodyBytes, int held) {}

    public String path() {
        return path;
    }

    public synchronized ResourceSpec spec() {
        return spec;
    }

    /** Replaces what is served, from the next request on. */
    public synchronized void serve(ResourceSpec next) {
        spec = next;
    }

    /** Replaces all faults, with none if none is given; responses held at a gate that is gone go on. */
    public synchronized void faults(Fault... next) {
        List<ArmedFault> armed = new ArrayList<>();
        for (Fault fault : next) {
            armed.add(new ArmedFault(fault, bodyBytes));
        }
        faults.forEach(old -> old.gone = true);
        faults = armed;
        notifyAll();
    }

    /** The faults set now, used up or not. */
    public synchronized List<Fault> currentFaults() {
        return faults.stream().map(armed -> armed.fault).toList();
    }

    public synchronized Stats stats() {
        return new Stats(requests, bodyBytes, held);
    }

    public synchronized List<ServedRequest> log() {
        return List.copyOf(log);
    }

    public synchronized void resetStats() {
        requests = 0;
        bodyBytes = 0;
        log.clear();
        faults.forEach(fault -> fault.bytesWhenArmed = 0);
    }

    /** Faults that this request meets; each is counted as used. */
    synchronized List<ArmedFault> faultsFor(String method, boolean hasRange) {
        List<ArmedFault> hit = new ArrayList<>();
        for (ArmedFault armed : faults) {
            if (armed.appliesTo(method, hasRange, bodyBytes)) {
                hit.add(armed);
            }
        }
        return hit;
    }

    synchronized void answered(ServedRequest request) {
        requests++;
        if (log.size() == LOGGED_REQUESTS) {
            log.removeFirst();
        }
        log.addLast(request);
    }

    /**
     * How many of {@code wanted} body bytes may go out now; waits while every gate in the way is shut.
     *
     * @param sent body bytes of this response so far
     */
    synchronized int passGates(List<ArmedFault> gates, long sent, int wanted) throws InterruptedException {
        held++;
        try {
            while (true) {
                long open = wanted;
                for (ArmedFault gate : gates) {
                    open = Math.min(open, gate.openFor(sent, bodyBytes));
                }
                if (open > 0) {
                    bodyBytes += open;
                    return (int) open;
                }
                wait();
            }
        } finally {
            held--;
        }
    }

    /** A fault that was set, and how much of it is used up. */
    static final class ArmedFault {
        final Fault fault;
        private long bytesWhenArmed;
        private int seen;
        private boolean gone;

        ArmedFault(Fault fault, long bytesWhenArmed) {
            this.fault = fault;
            this.bytesWhenArmed = bytesWhenArmed;
        }

        private boolean appliesTo(String method, boolean hasRange, long bodyBytes) {
            boolean gate = fault.kind() == Fault.Kind.GATE;
            if (fault.method() != null && !fault.method().equals(method)
                    || fault.rangesOnly() && !hasRange
                    || !gate && bodyBytes - bytesWhenArmed < fault.afterTotalBytes()) {
                return false;
            }
            seen++;
            return seen > fault.skip() && (fault.times() == 0 || seen <= fault.skip() + fault.times());
        }

        private long openFor(long sent, long bodyBytes) {
            if (gone) {
                return Long.MAX_VALUE;
            }
            long left = fault.afterTotalBytes() > 0
                    ? fault.afterTotalBytes() - (bodyBytes - bytesWhenArmed)
                    : fault.afterBytes() - sent;
            return Math.max(0, left);
        }
    }
}
