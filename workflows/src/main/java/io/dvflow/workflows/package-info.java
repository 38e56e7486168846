/**
 * Workflows, the interfaces of the activities they call, and the records that pass between them. Deterministic code only:
 * no clock, no I/O, no Kubernetes. What is in a record here is in every history that a release leaves behind: fields may
 * be added (absent ones read as empty), never renamed, removed or given another meaning.
 */
package io.dvflow.workflows;
