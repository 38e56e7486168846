/** Object stores for tests: the real programs where there are some, started from the testbed's folder of programs. */
package io.dvflow.testbed.objects;
