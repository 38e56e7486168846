package io.dvflow.bridge.operation;

import io.dvflow.bridge.queue.Next;

/**
 * What to do about an operation, now and later.
 *
 * @param action the one thing to do now
 * @param conditions what the bridge's conditions should be
 * @param next when to look again
 */
record Decision(Action action, BridgeConditions conditions, Next next) {}
