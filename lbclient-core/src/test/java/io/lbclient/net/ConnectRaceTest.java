package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Attempt;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.test.FakeTicker;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connect goes from server to server until one takes it, and says of each what it found. */
@Timeout(120)
class ConnectRaceTest extends Opened {

    @Test
    void aServerThatRefusesIsPassedOverAndEjected() throws IOException {
        Server refusing = refusing();
        EchoServer good = echo();
        ServerPool pool = inOrder(refusing, good.server());

        try (Socket socket = factory(pool).createSocket("orders-db", 1)) {
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
        }
        Lab.await(
                "the refusing server is ejected",
                () -> pool.snapshot().servers().get(0).state() == HealthState.EJECTED);
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void aServerThatIsSilentDoesNotHoldTheConnectUp() throws IOException {
        SilentServer silent = closing(new SilentServer());
        EchoServer good = echo();
        ServerPool pool = watched(silent.server(), good.server());

        try (Socket socket = impatient(pool).createSocket("orders-db", 1)) {
            assertThat(socket.getPort()).isEqualTo(good.port());
            assertThat(Lab.echo(socket, "hello")).isEqualTo("hello");
            // It had its time, and must not be tried again and again.
            assertThat(endings.seen)
                    .containsExactlyInAnyOrder(
                            Lab.Endings.of(silent.server(), Outcome.TIMEOUT),
                            Lab.Endings.of(good.server(), Outcome.SUCCESS));
            assertThat(Lab.inFlight(pool)).isOne();
        }
        assertThat(Lab.inFlight(pool)).isZero();
        // The factory is open: its threads end by themselves when they have nothing to do.
        Lab.awaitNoThread("orders-db-connect");
    }

    @Test
    void theCallersTimeoutBoundsTheWholeConnect() throws IOException {
        SilentServer silent = closing(new SilentServer());
        SilentServer other = closing(new SilentServer());
        ServerPool pool = watched(silent.server(), other.server());
        BalancedSocketFactory factory = impatient(pool);

        try (Socket socket = factory.createSocket()) {
            assertThatThrownBy(() -> socket.connect(Lab.LOGICAL, 200))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageStartingWith("orders-db: no server took the connection");
            assertThat(socket.isClosed()).isTrue();
        }
        assertThat(Lab.inFlight(pool)).isZero();
        factory.close();
        Lab.awaitNoThread("orders-db-connect");
    }

    @Test
    void theTimeIsOneForAllServersAndThoseThatUsedItUpAreBlamed() throws IOException {
        FakeTicker ticker = new FakeTicker();
        Server first = refusing();
        Server second = refusing();
        ServerPool pool = closing(Lab.builder(first, second)
                .balancer(Lab.IN_ORDER)
                .healthMonitors(endings)
                .ticker(ticker)
                .build());
        Dialer dialer = impatient(pool).dialer();
        Map<Integer, Integer> timeouts = new ConcurrentHashMap<>();
        CountDownLatch bothBegun = new CountDownLatch(2);
        AtomicInteger opened = new AtomicInteger();

        Race race = new Race(
                dialer,
                () -> {
                    if (opened.incrementAndGet() == 2) {
                        ticker.advance(Duration.ofMillis(50));
                    }
                    return new Link() {
                        @Override
                        public void connect(InetSocketAddress address, int timeoutMillis) throws IOException {
                            timeouts.put(address.getPort(), timeoutMillis);
                            bothBegun.countDown();
                            awaitQuietly(bothBegun);
                            ticker.advance(Duration.ofMillis(timeoutMillis));
                            throw new SocketTimeoutException("Connect timed out");
                        }

                        @Override
                        public void close() {}
                    };
                },
                Lab.LOGICAL,
                dialer.deadline(200),
                true);

        assertThatThrownBy(race::run).isInstanceOf(SocketTimeoutException.class);
        assertThat(timeouts).containsEntry(second.port(), 150);
        Lab.await("both are judged", () -> endings.seen.size() == 2);
        assertThat(endings.seen)
                .containsExactlyInAnyOrder(
                        Lab.Endings.of(first, Outcome.TIMEOUT), Lab.Endings.of(second, Outcome.TIMEOUT));
    }

    /** A race with links that do not connect: it is told of each that it wants to begin. */
    private static Race race(Dialer dialer, Runnable onConnect) {
        return new Race(
                dialer,
                () -> new Link() {
                    @Override
                    public void connect(InetSocketAddress address, int timeoutMillis) throws IOException {
                        onConnect.run();
                        throw new SocketTimeoutException("Connect timed out");
                    }

                    @Override
                    public void close() {}
                },
                Lab.LOGICAL,
                dialer.deadline(200),
                true);
    }

    @Test
    void noServerIsTriedWhenTheTimeIsOver() throws IOException {
        FakeTicker ticker = new FakeTicker();
        Server first = refusing();
        ServerPool pool = closing(Lab.builder(first, refusing())
                .balancer(Lab.IN_ORDER)
                .healthMonitors(endings)
                .ticker(ticker)
                .build());
        Race race = race(factory(pool).dialer(), () -> ticker.advance(Duration.ofMillis(200)));

        assertThatThrownBy(race::run).isInstanceOf(SocketTimeoutException.class);
        assertThat(endings.seen).containsExactly(Lab.Endings.of(first, Outcome.TIMEOUT));
    }

    @Test
    void aServerThatIsPickedWhileItsSocketIsClosedIsNotTried() throws IOException {
        AtomicReference<Race> race = new AtomicReference<>();
        AtomicInteger begun = new AtomicInteger();
        ServerPool pool = closing(Lab.builder(refusing())
                .balancer((candidates, previous) -> context -> {
                    race.get().abort();
                    return candidates.get(0);
                })
                .healthMonitors(endings)
                .build());
        race.set(race(factory(pool).dialer(), begun::incrementAndGet));

        assertThatThrownBy(() -> race.get().run()).hasMessage("Socket closed");
        assertThat(begun).hasValue(0);
        assertThat(endings.seen).hasSize(1).allMatch(line -> line.endsWith("CANCELLED"));
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void aSocketWithAPortOfItsOwnIsNotConnectedTwiceAtOnce() throws IOException {
        ServerPool pool = inOrder(
                closing(new SilentServer()).server(),
                closing(new SilentServer()).server());

        try (Socket socket = impatient(pool).createSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Lab.freePort()));
            // No failure to bind a second one to the same port.
            assertThatThrownBy(() -> socket.connect(Lab.LOGICAL, 200)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aSocketThatConnectedToItselfHasFoundNobody() throws IOException {
        int free = Lab.freePort();
        BalancedSocketFactory factory = factory(inOrder(Server.of("127.0.0.1", free)));

        assertThatThrownBy(() -> factory.createSocket("orders-db", 1, InetAddress.getLoopbackAddress(), free))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("connected to itself");
    }

    @Test
    void failsWithWhatEachServerSaidWhenAllRefuse() throws IOException {
        Server first = refusing();
        Server second = refusing();
        ServerPool pool = watched(first, second);

        assertThatThrownBy(() -> factory(pool).createSocket("orders-db", 1))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(first.id())
                .hasMessageContaining(second.id())
                .hasCauseInstanceOf(ConnectException.class);
        assertThat(endings.seen)
                .containsExactly(
                        Lab.Endings.of(first, Outcome.CONNECT_FAILURE),
                        Lab.Endings.of(second, Outcome.CONNECT_FAILURE));
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void anEmptyPoolIsAFailureToConnect() {
        BalancedSocketFactory factory = factory(inOrder());

        assertThatThrownBy(() -> factory.createSocket("orders-db", 1))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("orders-db");
    }

    @Test
    void triesNoMoreServersThanItMay() throws IOException {
        ServerPool pool = watched(refusing(), refusing(), refusing(), refusing());
        BalancedSocketFactory factory = closing(patient(pool).maxServers(2).build());

        assertThatThrownBy(() -> factory.createSocket("orders-db", 1)).isInstanceOf(ConnectException.class);
        assertThat(endings.seen).hasSize(2);
    }

    @Test
    void furtherServersArePaidFromTheBudget() throws IOException {
        Server first = refusing();
        ServerPool pool = closing(Lab.builder(first, refusing())
                .balancer(Lab.IN_ORDER)
                .healthMonitors(endings)
                .retryBudget(RetryBudget.of(0, 0))
                .build());

        assertThatThrownBy(() -> factory(pool).createSocket("orders-db", 1)).isInstanceOf(ConnectException.class);
        assertThat(endings.seen).containsExactly(Lab.Endings.of(first, Outcome.CONNECT_FAILURE));
    }

    @Test
    void everyConnectPaysIntoTheBudget() throws IOException {
        Server refusing = refusing();
        EchoServer good = echo();
        ServerPool pool = closing(Lab.builder(refusing, good.server())
                .balancer(Lab.IN_ORDER)
                .healthMonitors()
                .retryBudget(RetryBudget.of(1, 0))
                .ticker(new FakeTicker())
                .build());
        BalancedSocketFactory factory = factory(pool);

        for (int i = 0; i < 5; i++) {
            assertThat(closing(factory.createSocket("orders-db", 1)).getPort()).isEqualTo(good.port());
        }
    }

    @Test
    void aServerThatHadNoTimeToAnswerBeforeAnotherWonIsNotBlamed() throws IOException {
        EchoServer slow = echo();
        EchoServer late = echo();
        ServerPool pool = closing(Lab.builder(slow.server(), late.server())
                .balancer(Lab.IN_ORDER)
                .healthMonitors(endings)
                .ticker(new FakeTicker())
                .build());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Dialer dialer = impatient(pool).dialer();

        Race.Leg leg = new Race(
                        dialer,
                        () -> new Link() {
                            @Override
                            public void connect(InetSocketAddress address, int timeoutMillis) throws IOException {
                                boolean second = address.getPort() == late.port();
                                if (second) {
                                    begun.countDown();
                                }
                                awaitQuietly(second ? closed : begun);
                            }

                            @Override
                            public void close() {
                                closed.countDown();
                            }
                        },
                        Lab.LOGICAL,
                        dialer.deadline(0),
                        true)
                .run();

        assertThat(leg.address().getPort()).isEqualTo(slow.port());
        assertThat(endings.seen)
                .containsExactlyInAnyOrder(
                        Lab.Endings.of(slow.server(), Outcome.SUCCESS),
                        Lab.Endings.of(late.server(), Outcome.CANCELLED));
        leg.approach().attempt.close();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anythingElseIsConnectedByAFunction() throws IOException {
        Server refusing = refusing();
        EchoServer good = echo();
        ServerPool pool = watched(refusing, good.server());
        Socket plain = closing(new Socket());

        try (Attempt attempt = factory(pool).connect(Lab.LOGICAL, (to, timeout) -> {
            assertThat(timeout).isBetween(1, 10_000);
            if (to.server().equals(refusing)) {
                throw new ConnectException("refused");
            }
            plain.connect(new InetSocketAddress(to.server().host(), to.server().port()), timeout);
        })) {
            assertThat(attempt.server()).isEqualTo(good.server());
            assertThat(Lab.inFlight(pool)).isOne();
        }
        assertThat(Lab.inFlight(pool)).isZero();
        assertThat(endings.seen)
                .startsWith(
                        Lab.Endings.of(refusing, Outcome.CONNECT_FAILURE),
                        Lab.Endings.of(good.server(), Outcome.SUCCESS));
    }

    @Test
    void aFunctionThatTookAllTheTimeIsNotCalledForAnotherServer() throws IOException {
        FakeTicker ticker = new FakeTicker();
        ServerPool pool = closing(Lab.builder(refusing(), refusing())
                .balancer(Lab.IN_ORDER)
                .ticker(ticker)
                .build());
        AtomicInteger calls = new AtomicInteger();

        assertThatThrownBy(() -> factory(pool).connect(Lab.LOGICAL, (to, timeout) -> {
                    calls.incrementAndGet();
                    ticker.advance(Duration.ofMillis(timeout));
                    throw new ConnectException("refused");
                }))
                .hasMessage("refused");
        assertThat(calls).hasValue(1);
    }
}
