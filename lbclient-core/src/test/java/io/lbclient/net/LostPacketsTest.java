package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.health.ActiveChecks;
import io.lbclient.health.HealthCheck;
import io.lbclient.test.FakeTicker;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server behind a firewall that drops packets without a word. */
@Timeout(180)
class LostPacketsTest {
    private static Namespace namespace;

    @BeforeAll
    static void create() throws IOException {
        namespace = Namespace.create();
    }

    @AfterAll
    static void delete() throws IOException {
        if (namespace != null) {
            namespace.close();
        }
    }

    @BeforeEach
    void open() throws IOException {
        namespace.dropNothing();
    }

    @Test
    void aConnectIntoABlackHoleGoesToTheNextServer() throws IOException {
        namespace.dropEverything();
        try (EchoServer good = new EchoServer();
                ServerPool pool = Lab.inOrder(namespace.server(), good.server());
                BalancedSocketFactory factory = BalancedSocketFactory.builder(pool)
                        .connectTimeout(Duration.ofMinutes(5))
                        .build();
                Socket socket = factory.createSocket("orders-db", 5432)) {
            assertThat(socket.getPort()).isEqualTo(good.port());
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
            assertThat(Lab.inFlight(pool, namespace.server())).isZero();
        }
        Lab.awaitNoThread("orders-db-connect");
    }

    @Test
    void aStormOfConnectsIntoABlackHoleEndsWithTheTimeoutAndLeavesNothing() throws Exception {
        namespace.dropEverything();
        ExecutorService callers = Executors.newFixedThreadPool(64);
        try (SilentServer other = new SilentServer();
                ServerPool pool = Lab.builder(namespace.server(), other.server())
                        .healthMonitors()
                        // The kernel keeps the time: by the pool's clock nobody is too late to try even one.
                        .ticker(new FakeTicker())
                        .build();
                BalancedSocketFactory factory = BalancedSocketFactory.builder(pool)
                        .startDelay(Duration.ofMillis(50))
                        .build()) {
            Callable<Boolean> connect = () -> {
                try (Socket socket = factory.createSocket()) {
                    socket.connect(Lab.LOGICAL, 300);
                    return false;
                } catch (SocketTimeoutException e) {
                    return true;
                }
            };
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 256; i++) {
                all.add(callers.submit(connect));
            }
            for (Future<Boolean> each : all) {
                assertThat(each.get(120, TimeUnit.SECONDS)).isTrue();
            }
            // Each has tried one server; the second ones are paid from the budget, which stops at a part of them.
            long picks =
                    pool.snapshot().servers().stream().mapToLong(s -> s.picks()).sum();
            assertThat(picks).isBetween(256L, 256L + 56);
            Lab.await("nothing is in flight", () -> Lab.inFlight(pool) == 0);
            factory.close();
            Lab.awaitNoThread("orders-db-connect");
        } finally {
            callers.shutdownNow();
        }
    }

    /** One check that fails is enough; so one that passes has time even where this machine stands still for a while. */
    private static ActiveChecks failingAtOnce() {
        return ActiveChecks.builder(HealthCheck.tcp())
                .interval(Duration.ofMillis(100))
                .timeout(Duration.ofSeconds(3))
                .unhealthyThreshold(1)
                .build();
    }

    @Test
    void aHalfOpenConnectionIsClosedUnderItsReaderWhenTheCheckFails() throws Exception {
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try (ServerPool pool = Lab.builder(namespace.server())
                        .healthMonitors(failingAtOnce())
                        .build();
                BalancedSocketFactory factory =
                        BalancedSocketFactory.builder(pool).closeUnhealthy(true).build();
                Socket socket = factory.createSocket("orders-db", 5432)) {
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
            namespace.dropEverything();
            socket.getOutputStream().write(1);

            // It has no timeout, and no packet will ever come.
            Future<Integer> read = reader.submit(() -> socket.getInputStream().read());

            assertThatThrownBy(() -> read.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
            assertThat(socket.isClosed()).isTrue();
            // The reader hears of it before the one who closes is done.
            Lab.await("the connection is no longer in flight", () -> Lab.inFlight(pool) == 0);
        } finally {
            reader.shutdownNow();
        }
    }

    @Test
    void theUsersOwnReadTimeoutWorksOnAHalfOpenConnection() throws IOException {
        try (ServerPool pool = Lab.inOrder(namespace.server());
                BalancedSocketFactory factory = BalancedSocketFactory.of(pool);
                Socket socket = factory.createSocket("orders-db", 5432)) {
            socket.setSoTimeout(100);
            namespace.dropEverything();
            socket.getOutputStream().write(1);

            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            assertThat(Lab.inFlight(pool)).isOne();
        }
    }

    @Test
    void aSocketThatLingersDoesNotHoldUpTheCheckThatClosesIt() throws Exception {
        CountDownLatch bothClosed = new CountDownLatch(2);
        try (ServerPool pool = Lab.builder(namespace.server())
                        .healthMonitors(failingAtOnce())
                        .build();
                BalancedSocketFactory factory = BalancedSocketFactory.builder(pool)
                        .closeUnhealthy(true)
                        .listener(new ConnectionListener() {
                            @Override
                            public void closed(Server server, Ending ending, Duration open, long in, long out) {
                                bothClosed.countDown();
                            }
                        })
                        .build();
                Socket one = factory.createSocket("orders-db", 5432);
                Socket two = factory.createSocket("orders-db", 5432)) {
            for (Socket socket : List.of(one, two)) {
                assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
                socket.setSoLinger(true, 90);
            }
            namespace.dropEverything();
            one.getOutputStream().write(1);
            two.getOutputStream().write(1);

            assertThat(bothClosed.await(30, TimeUnit.SECONDS)).isTrue();
            Lab.await("nothing is in flight", () -> Lab.inFlight(pool) == 0);
        }
    }
}
