package io.lbclient.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Instances of an application with the replicated store, each a process, on the loopback. */
@Timeout(600)
class ThreeProcessesTest {
    private static final int SESSIONS = 20_000;

    /** Below those that Linux gives to outgoing connections: the instances connect to each other while not all listen. */
    private static List<Integer> freePorts(int count) throws IOException {
        Set<Integer> ports = new LinkedHashSet<>();
        while (ports.size() < count) {
            int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket free = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                ports.add(free.getLocalPort());
            } catch (BindException e) {
                // Somebody has it.
            }
        }
        return List.copyOf(ports);
    }

    @Test
    void bindingsReachTheOthersOutliveTheirInstanceAndAreThereBeforeANewcomerServes() throws Exception {
        List<Integer> ports = freePorts(4);
        String hosts = String.join(
                ",", ports.stream().map(port -> "127.0.0.1[" + port + "]").toList());
        try (Instance one = Instance.first(ports.get(0), hosts);
                Instance two = Instance.joining(ports.get(1), hosts);
                Instance three = Instance.joining(ports.get(2), hosts)) {
            for (Instance each : List.of(one, two, three)) {
                assertThat(each.order("instances 3")).isEqualTo("3");
            }

            List<Long> micros = microsUntilBindingsAreKnown(one, two, three);

            List<String> all = one.visit(0, SESSIONS);
            assertThat(two.order("await " + SESSIONS)).isEqualTo("" + SESSIONS);
            assertThat(three.order("await " + SESSIONS)).isEqualTo("" + SESSIONS);
            assertThat(two.visit(0, SESSIONS)).isEqualTo(all);
            one.kill();
            assertThat(two.visit(0, SESSIONS)).isEqualTo(all);
            assertThat(three.visit(0, SESSIONS)).isEqualTo(all);
            assertThat(two.order("instances 2")).isEqualTo("2");
            assertThat(three.order("instances 2")).isEqualTo("2");

            try (Instance newcomer = Instance.joining(ports.get(3), hosts)) {
                assertThat(newcomer.bindingsAtStart).isEqualTo(SESSIONS);
                assertThat(newcomer.visit(0, SESSIONS)).isEqualTo(all);
                System.out.printf(
                        "a session bound by one instance is known to another after %,d us at the median, %,d at the 99th"
                                + " percentile; a newcomer had %,d bindings before it served%n",
                        micros.get(100), micros.get(198), newcomer.bindingsAtStart);
            }
        }
    }

    /** Of 200 sessions that one instance binds, sorted; for who reads it, since a busy machine is no fault of the store's. */
    private static List<Long> microsUntilBindingsAreKnown(Instance one, Instance two, Instance three)
            throws IOException {
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            List<String> bound = one.visit(i, i + 1);
            long begun = System.nanoTime();
            two.order("await " + (i + 1));
            micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun));
            three.order("await " + (i + 1));
            assertThat(two.visit(i, i + 1)).isEqualTo(bound);
            assertThat(three.visit(i, i + 1)).isEqualTo(bound);
        }
        Collections.sort(micros);
        return micros;
    }
}
