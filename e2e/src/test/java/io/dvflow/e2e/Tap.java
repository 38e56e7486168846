package io.dvflow.e2e;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.objects.Relay;

/** Where the bytes of a source go through: they are counted here, and held up. */
interface Tap {

    /** Holds up what comes after so many more bytes. */
    void holdAfter(long bytes);

    void letPass();

    /** Connections that are held up now. */
    int held();

    /** Bytes that have gone through since this tap was put there. */
    long passed();

    /** At a path of our own web server, where bodies are counted. */
    static Tap at(Resource resource) {
        long before = resource.stats().bodyBytes();
        return new Tap() {
            @Override
            public void holdAfter(long bytes) {
                resource.faults(Fault.of(Fault.Kind.GATE).afterTotalBytes(bytes));
            }

            @Override
            public void letPass() {
                resource.faults();
            }

            @Override
            public int held() {
                return resource.stats().held();
            }

            @Override
            public long passed() {
                return resource.stats().bodyBytes() - before;
            }
        };
    }

    /** Before another server, where heads are counted too. */
    static Tap at(Relay relay) {
        long before = relay.bytes();
        return new Tap() {
            @Override
            public void holdAfter(long bytes) {
                relay.holdAfter(bytes);
            }

            @Override
            public void letPass() {
                relay.letPass();
            }

            @Override
            public int held() {
                return relay.held();
            }

            @Override
            public long passed() {
                return relay.bytes() - before;
            }
        };
    }
}
