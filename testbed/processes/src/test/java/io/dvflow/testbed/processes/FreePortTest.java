package io.dvflow.testbed.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class FreePortTest {

    @Test
    void isGivenOnceAndCanBeListenedOn() throws IOException {
        int one = FreePort.next();
        int another = FreePort.next();

        assertThat(another).isNotEqualTo(one);
        try (ServerSocket listener = new ServerSocket(one)) {
            assertThat(listener.getLocalPort()).isEqualTo(one).isBetween(10_000, 29_999);
        }
    }

    @Test
    void leavesOutWhatIsListenedOnAtASingleAddress() throws IOException {
        int before = FreePort.next();
        int taken = before == 29_999 ? 10_000 : before + 1;
        try (ServerSocket listener = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
            assertThat(listener.isBound()).isTrue();

            assertThat(FreePort.next()).isNotEqualTo(taken);
        }
    }
}
