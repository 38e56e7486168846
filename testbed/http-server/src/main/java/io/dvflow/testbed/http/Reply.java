package io.dvflow.testbed.http;

import io.dvflow.testbed.http.Resource.ArmedFault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A response under construction: begun as a right one, then spoilt by faults, then written. */
final class Reply {

    /** How the receiver learns where the body ends. */
    enum Framing {
        LENGTH,
        CHUNKED,
        CLOSE
    }

    /** What happens after the last body byte that is sent. */
    enum End {
        WHOLE,
        DROP,
        RESET,
        STALL,
        /** Of chunked encoding. */
        TRAILERS
    }

    int status = 200;
    final Map<String, String> headers = new LinkedHashMap<>();
    Content content = Content.of(new byte[0]);
    long from;
    long length;
    /** Value of Content-Length; may be a lie. */
    long declaredLength;

    Framing framing = Framing.LENGTH;
    End end = End.WHOLE;
    /** Body bytes that are sent before {@link #end} happens. */
    long sendBytes;

    long headerByteMillis;
    long bytesPerSecond;
    boolean garbage;
    boolean endlessHeaders;
    final List<ArmedFault> gates = new ArrayList<>();

    void body(Content bytes, long offset, long count) {
        content = bytes;
        from = offset;
        length = count;
        declaredLength = count;
        sendBytes = count;
    }

    void cutAfter(long bytes, End how) {
        if (bytes < sendBytes || how == End.STALL) {
            sendBytes = Math.min(bytes, sendBytes);
            end = how;
        }
    }

    boolean endsConnection() {
        return framing == Framing.CLOSE || end != End.WHOLE || declaredLength != length;
    }
}
