/** What stands in for oVirt and VMware in tests: the real programs where there are some, their interfaces where not. */
package io.dvflow.testbed.hypervisors;
