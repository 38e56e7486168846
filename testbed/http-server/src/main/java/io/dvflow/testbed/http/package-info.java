/**
 * An HTTP/1.1 server for tests, written on bare sockets so that it can break the protocol byte by byte. Used inside the
 * JVM of a test ({@link io.dvflow.testbed.http.FaultServer}) and as a process of its own
 * ({@link io.dvflow.testbed.http.HttpServerMain}), where requests to {@code /_faults} change what it does wrong.
 */
package io.dvflow.testbed.http;
