package io.lbclient.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.HealthState;
import io.lbclient.Operator;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.balancer.Balancers;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.rmi.server.RMIClientSocketFactory;
import java.rmi.server.RMIServerSocketFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.management.JMX;
import javax.management.ObjectName;
import javax.management.remote.JMXAuthenticator;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXPrincipal;
import javax.management.remote.JMXServiceURL;
import javax.security.auth.Subject;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As an operator has it: over a real remote connection, on loopback, while traffic runs. */
class RemoteJmxTest {
    private static final String SERVER = "s1";
    private static final int THREADS = 3;

    private final ServerPool pool = ServerPool.builder("remote-orders?")
            .servers(Lab.servers(3))
            .balancer(Balancers.roundRobin())
            .build();
    private final JmxOperator registered = JmxOperator.register(pool);
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicReference<CountDownLatch> awaited = new AtomicReference<>(new CountDownLatch(1));
    /** How many requests each thread has made. */
    private final AtomicIntegerArray made = new AtomicIntegerArray(THREADS);

    @BeforeEach
    void startTraffic() {
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            threads.execute(() -> {
                while (!stopped.get()) {
                    try (Attempt attempt = pool.pick()) {
                        attempt.complete(Outcome.SUCCESS);
                    }
                    made.incrementAndGet(thread);
                    awaited.get().countDown();
                    LockSupport.parkNanos(100_000);
                }
            });
        }
    }

    @AfterEach
    void stop() throws Exception {
        stopped.set(true);
        threads.shutdown();
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        registered.close();
        pool.close();
    }

    private void awaitRequests(int count) throws InterruptedException {
        CountDownLatch latch = new CountDownLatch(count);
        awaited.set(latch);
        assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private ServerSnapshot server() {
        return pool.snapshot().servers().get(1);
    }

    /** Connects to loopback whatever the stub says, since the server listens nowhere else. */
    private static final class Loopback implements RMIClientSocketFactory, RMIServerSocketFactory, Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return new Socket(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Loopback;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    private static JMXConnectorServer connectorServer(Map<String, Object> more) throws IOException {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("jmx.remote.rmi.server.socket.factory", new Loopback());
        settings.put("jmx.remote.rmi.client.socket.factory", new Loopback());
        JMXConnectorServer server = JMXConnectorServerFactory.newJMXConnectorServer(
                new JMXServiceURL("rmi", null, 0), settings, ManagementFactory.getPlatformMBeanServer());
        server.start();
        return server;
    }

    private ServerPoolMXBean bean(JMXConnector connector) throws Exception {
        return JMX.newMXBeanProxy(
                connector.getMBeanServerConnection(), new ObjectName(registered.name()), ServerPoolMXBean.class);
    }

    /** A pick that was under way when the call returned may have been held up, and still go there. */
    private void awaitPicksUnderWay() throws InterruptedException {
        for (int i = 0; i < THREADS; i++) {
            int before = made.get(i);
            while (made.get(i) == before) {
                awaitRequests(1);
            }
        }
    }

    private void assertGetsNothing() throws InterruptedException {
        awaitPicksUnderWay();
        long picks = server().picks();
        awaitRequests(1_000);
        assertThat(server().picks()).isEqualTo(picks);
    }

    @Test
    void anAuthenticatedOperatorDrainsAServerUnderTrafficAndBringsItBack() throws Exception {
        JMXAuthenticator authenticator = credentials -> {
            if (!List.of("anna", "secret").equals(List.of((String[]) credentials))) {
                throw new SecurityException("who are you?");
            }
            Subject subject = new Subject();
            subject.getPrincipals().add(new JMXPrincipal("anna"));
            return subject;
        };
        JMXConnectorServer connectorServer = connectorServer(Map.of(JMXConnectorServer.AUTHENTICATOR, authenticator));
        try (JMXConnector connector = JMXConnectorFactory.connect(
                connectorServer.getAddress(), Map.of(JMXConnector.CREDENTIALS, new String[] {"anna", "secret"}))) {
            ServerPoolMXBean bean = bean(connector);
            Attempt held = pool.pick();
            while (!held.server().id().equals(SERVER)) {
                held.close();
                held = pool.pick();
            }

            bean.drain(SERVER);

            assertThat(server().state()).isEqualTo(HealthState.DRAINING);
            Operator.Setting setting = Objects.requireNonNull(server().operator());
            assertThat(setting.by()).isEqualTo("anna");
            assertThat(setting.action()).isEqualTo(Operator.Action.DRAIN);
            assertThat(bean.getServers().get(1).getOperatorBy()).isEqualTo("anna");
            // What it had goes on to its end.
            assertThat(held.complete(Outcome.SUCCESS)).isTrue();
            assertGetsNothing();

            bean.clear(SERVER);
            long picks = server().picks();
            awaitRequests(1_000);
            assertThat(server().picks() - picks).isGreaterThan(200);
        } finally {
            connectorServer.stop();
        }
    }

    @Test
    void anOperatorWithoutANameOfJmxIsKnownByTheNameThatThereIs() throws Exception {
        JMXAuthenticator authenticator =
                credentials -> new Subject(true, Set.of(new X500Principal("CN=anna")), Set.of(), Set.of());
        JMXConnectorServer connectorServer = connectorServer(Map.of(JMXConnectorServer.AUTHENTICATOR, authenticator));
        try (JMXConnector connector = JMXConnectorFactory.connect(connectorServer.getAddress())) {
            bean(connector).disable(SERVER);

            assertThat(server().detail()).isEqualTo("disable by CN=anna");
        } finally {
            connectorServer.stop();
        }
    }

    @Test
    void anOperatorWhomNobodyAuthenticatedIsJmx() throws Exception {
        JMXConnectorServer connectorServer = connectorServer(Map.of());
        try (JMXConnector connector = JMXConnectorFactory.connect(connectorServer.getAddress())) {
            bean(connector).disable(SERVER);

            assertThat(server().detail()).isEqualTo("disable by jmx");
            assertGetsNothing();
        } finally {
            connectorServer.stop();
        }
    }
}
