/**
 * Tests against the real cluster of the testbed, with the chart installed. They run when {@code DVFLOW_E2E=1}; the
 * variables that {@code testbed/testbed env} prints say where the cluster is.
 */
package io.dvflow.e2e;
