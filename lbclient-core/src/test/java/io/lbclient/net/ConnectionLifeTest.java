package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.HealthCause;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When connections end that nobody has closed; on a clock that the test moves. */
@Timeout(120)
class ConnectionLifeTest extends Opened {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeTicker ticker = new FakeTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<EchoServer> servers = new ArrayList<>();
    private final Lab.Judge judge = new Lab.Judge();
    private ServerPool pool;

    @BeforeEach
    void start() throws IOException {
        servers.add(echo());
        servers.add(echo());
        pool = closing(Lab.builder(servers.get(0).server(), servers.get(1).server())
                .balancer(Balancers.leastRequests())
                .healthMonitors(judge)
                .ticker(ticker)
                .scheduler(scheduler)
                .build());
    }

    private BalancedSocketFactory.Builder factory() {
        return BalancedSocketFactory.builder(pool)
                .scheduler(scheduler)
                .connectTimeout(Duration.ofDays(1))
                .quietTime(Duration.ofSeconds(1))
                .listener(new ConnectionListener() {
                    @Override
                    public void closed(Server server, Ending ending, Duration open, long in, long out) {
                        told.add(ending.name());
                    }
                });
    }

    private List<Socket> connect(BalancedSocketFactory factory, int count) throws IOException {
        List<Socket> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(closing(factory.createSocket("orders-db", 1)));
        }
        return made;
    }

    private static long open(List<Socket> sockets) {
        return sockets.stream().filter(s -> !s.isClosed()).count();
    }

    private List<Socket> at(List<Socket> all, int server) {
        return all.stream()
                .filter(s -> s.getPort() == servers.get(server).port())
                .toList();
    }

    @Test
    void connectionsEndAtTheirMaximumAgeButNotAllAtOnce() throws IOException {
        List<Socket> all = connect(factory().maxAge(MINUTE.multipliedBy(10)).build(), 20);

        scheduler.advance(MINUTE.multipliedBy(8));
        assertThat(open(all)).isEqualTo(20);
        scheduler.advance(MINUTE);
        assertThat(open(all)).isBetween(2L, 18L);
        scheduler.advance(MINUTE);
        scheduler.advance(Duration.ofSeconds(2));
        assertThat(open(all)).isZero();
        assertThat(told).hasSize(20).containsOnly("AGED");
        assertThat(Lab.inFlight(pool)).isZero();
        assertThatThrownBy(() -> all.get(0).getOutputStream()).isInstanceOf(SocketException.class);
    }

    @Test
    void aConnectionThatWaitsForItsAnswerIsNotClosed() throws IOException {
        List<Socket> all = connect(factory().maxAge(MINUTE).build(), 1);
        Socket socket = all.get(0);
        socket.getOutputStream().write(1);

        scheduler.advance(MINUTE.multipliedBy(5));
        assertThat(socket.isClosed()).isFalse();

        // The answer is read, and now it looks idle.
        assertThat(socket.getInputStream().read()).isOne();
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(socket.isClosed()).isTrue();
    }

    @Test
    void aConnectionThatIsInUseIsNotClosed() throws IOException {
        Socket socket = connect(factory().maxAge(MINUTE).build(), 1).get(0);

        for (int i = 0; i < 100; i++) {
            Lab.echo(socket, "tick");
            scheduler.advance(Duration.ofMillis(900));
        }
        assertThat(socket.isClosed()).isFalse();
        scheduler.advance(Duration.ofSeconds(2));
        assertThat(socket.isClosed()).isTrue();
    }

    @Test
    void aDrainingServerLosesItsConnectionsAfterTheDeadline() throws IOException {
        List<Socket> all = connect(factory().drainAfter(MINUTE).build(), 10);
        assertThat(at(all, 0)).hasSize(5);

        pool.drain(servers.get(0).server().id());
        scheduler.advance(Duration.ofSeconds(59));
        assertThat(open(all)).isEqualTo(10);
        scheduler.advance(Duration.ofSeconds(3));

        assertThat(open(at(all, 0))).isZero();
        assertThat(open(at(all, 1))).isEqualTo(5);
        assertThat(told).hasSize(5).containsOnly("DRAINED");
    }

    @Test
    void aServerThatIsResumedInTimeKeepsItsConnections() throws IOException {
        List<Socket> all = connect(factory().drainAfter(MINUTE).build(), 10);

        pool.drain(servers.get(0).server().id());
        scheduler.advance(Duration.ofSeconds(30));
        pool.resume(servers.get(0).server().id());
        scheduler.advance(MINUTE.multipliedBy(5));

        assertThat(open(all)).isEqualTo(10);
    }

    @Test
    void aServerThatLeavesThePoolLosesItsConnectionsToo() throws IOException {
        List<Socket> all = connect(factory().drainAfter(Duration.ZERO).build(), 10);

        pool.remove(servers.get(1).server().id());
        scheduler.advance(Duration.ofSeconds(2));

        assertThat(open(at(all, 1))).isZero();
        assertThat(open(at(all, 0))).isEqualTo(5);
        pool.add(servers.get(1).server());
        assertThat(Lab.inFlight(pool)).isEqualTo(5);
    }

    @Test
    void aServerThatIsResumedKeepsAConnectionThatWasInUseWhenItsTimeWasOver() throws IOException {
        Socket socket = connect(factory().drainAfter(MINUTE).build(), 1).get(0);
        String id = at(List.of(socket), 0).isEmpty()
                ? servers.get(1).server().id()
                : servers.get(0).server().id();
        socket.getOutputStream().write(1);
        pool.drain(id);
        scheduler.advance(MINUTE.multipliedBy(2));
        pool.resume(id);

        assertThat(socket.getInputStream().read()).isOne();
        scheduler.advance(MINUTE);
        assertThat(socket.isClosed()).isFalse();
    }

    @Test
    void aConnectionThatWaitedForALongTimeAfterItsServerLeftIsClosedAllTheSame() throws IOException {
        List<Socket> all = connect(factory().drainAfter(MINUTE).build(), 2);
        Socket waiting = at(all, 0).get(0);
        waiting.getOutputStream().write(1);
        pool.remove(servers.get(0).server().id());
        scheduler.advance(MINUTE.multipliedBy(20));
        pool.remove(servers.get(1).server().id());
        assertThat(waiting.isClosed()).isFalse();

        assertThat(waiting.getInputStream().read()).isOne();
        scheduler.advance(Duration.ofSeconds(3));
        assertThat(waiting.isClosed()).isTrue();
    }

    @Test
    void aServerThatCameBackIsNotTakenForOneThatLeft() throws IOException {
        BalancedSocketFactory factory = factory().drainAfter(Duration.ZERO).build();
        pool.remove(servers.get(1).server().id());
        pool.add(servers.get(1).server());

        List<Socket> all = connect(factory, 4);
        scheduler.advance(MINUTE);

        assertThat(at(all, 1)).hasSize(2);
        assertThat(open(all)).isEqualTo(4);
    }

    @Test
    void withoutASettingNothingIsClosed() throws IOException {
        List<Socket> all = connect(factory().build(), 4);

        pool.drain(servers.get(0).server().id());
        pool.remove(servers.get(1).server().id());
        judge.raise(servers.get(0).server(), HealthCause.ACTIVE_CHECK);
        scheduler.advance(Duration.ofDays(1));

        assertThat(open(all)).isEqualTo(4);
    }

    @Test
    void connectionsToAServerThatAnActiveCheckTookOutAreClosedEvenUnderAnAnswer() throws IOException {
        List<Socket> all = connect(factory().closeUnhealthy(true).build(), 10);
        for (Socket socket : all) {
            socket.getOutputStream().write(1);
        }

        judge.raise(servers.get(1).server(), HealthCause.OUTLIER);
        scheduler.runDue();
        assertThat(open(all)).isEqualTo(10);
        judge.raise(servers.get(0).server(), HealthCause.ACTIVE_CHECK);
        scheduler.runDue();

        assertThat(open(at(all, 0))).isZero();
        assertThat(open(at(all, 1))).isEqualTo(5);
        assertThat(told).hasSize(5).containsOnly("UNHEALTHY");
    }

    @Test
    void aClosedFactoryClosesNothingMore() throws IOException {
        BalancedSocketFactory factory = factory().drainAfter(Duration.ZERO).build();
        List<Socket> all = connect(factory, 4);
        factory.close();

        pool.drain(servers.get(0).server().id());
        scheduler.advance(MINUTE);
        all.addAll(connect(factory, 2));

        assertThat(open(all)).isEqualTo(6);
    }

    @Test
    void aClosedFactoryForgetsAgesAndDrainsThatWereUnderWay() throws IOException {
        BalancedSocketFactory factory =
                factory().maxAge(MINUTE).drainAfter(MINUTE).build();
        List<Socket> all = connect(factory, 4);
        pool.drain(servers.get(0).server().id());
        factory.close();

        all.addAll(connect(factory, 2));
        scheduler.advance(MINUTE.multipliedBy(3));

        assertThat(open(all)).isEqualTo(6);
    }

    @Test
    void aFactoryThatIsClosedUnderAConnectClosesNothing() throws IOException {
        AtomicReference<BalancedSocketFactory> closed = new AtomicReference<>();
        closed.set(during(server -> {
                    scheduler.advance(Duration.ofMillis(5));
                    servers.forEach(s -> judge.raise(s.server(), HealthCause.ACTIVE_CHECK));
                    scheduler.runDue();
                    closed.get().close();
                })
                .closeUnhealthy(true)
                .build());

        assertThat(open(connect(closed.get(), 1))).isOne();
    }

    @Test
    void aConnectionThatItsUserClosesLeavesNoTimer() throws IOException {
        Socket socket = connect(factory().maxAge(MINUTE).build(), 1).get(0);
        int before = scheduler.waiting();
        socket.close();

        assertThat(scheduler.waiting()).isEqualTo(before - 1);
    }

    @Test
    void aSecondDrainHasADeadlineOfItsOwn() throws IOException {
        List<Socket> all = connect(factory().drainAfter(MINUTE).build(), 10);
        pool.drain(servers.get(0).server().id());
        scheduler.advance(Duration.ofSeconds(30));
        pool.resume(servers.get(0).server().id());
        scheduler.advance(Duration.ofSeconds(20));
        pool.drain(servers.get(0).server().id());

        scheduler.advance(Duration.ofSeconds(55));
        assertThat(open(all)).isEqualTo(10);
        scheduler.advance(Duration.ofSeconds(10));
        assertThat(open(all)).isEqualTo(5);
    }

    @Test
    void aServerThatIsRemovedWhileItDrainsKeepsTheDeadlineOfTheDrain() throws IOException {
        List<Socket> all = connect(factory().drainAfter(MINUTE).build(), 10);
        pool.drain(servers.get(0).server().id());
        scheduler.advance(Duration.ofSeconds(50));
        pool.remove(servers.get(0).server().id());
        scheduler.advance(Duration.ofSeconds(15));

        assertThat(open(at(all, 0))).isZero();
        assertThat(open(all)).isEqualTo(5);
    }

    /** While the first connect is under way, something happens. */
    private BalancedSocketFactory.Builder during(Consumer<Server> event) {
        AtomicBoolean happened = new AtomicBoolean();
        return factory().listener(new ConnectionListener() {
            @Override
            public void connected(Server server, InetSocketAddress address, Duration took) {
                if (happened.compareAndSet(false, true)) {
                    event.accept(server);
                }
            }

            @Override
            public void closed(Server server, Ending ending, Duration open, long in, long out) {
                told.add(ending.name());
            }
        });
    }

    @Test
    void aConnectThatWasUnderWayWhenTheCheckFailedDoesNotEscape() {
        BalancedSocketFactory factory = during(server -> {
                    scheduler.advance(Duration.ofMillis(5));
                    servers.forEach(s -> judge.raise(s.server(), HealthCause.ACTIVE_CHECK));
                    scheduler.runDue();
                })
                .closeUnhealthy(true)
                .build();

        assertThatThrownBy(() -> connect(factory, 1)).isInstanceOf(SocketException.class);
        assertThat(told).containsExactly("UNHEALTHY");
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void whereNobodyIsHealthyAConnectionToWhoeverWasPickedIsKept() throws IOException {
        BalancedSocketFactory factory = factory().closeUnhealthy(true).build();
        servers.forEach(s -> judge.raise(s.server(), HealthCause.ACTIVE_CHECK));
        scheduler.runDue();

        List<Socket> all = connect(factory, 2);

        assertThat(open(all)).isEqualTo(2);
        assertThat(Lab.echo(all.get(0), "better than none")).isEqualTo("better than none");
    }

    @Test
    void aConnectThatWasUnderWayWhenItsServerWasRemovedDoesNotEscape() throws IOException {
        List<Socket> all = connect(
                during(server -> {
                            pool.remove(server.id());
                            scheduler.advance(MINUTE.multipliedBy(9));
                            servers.forEach(other -> pool.remove(other.server().id()));
                        })
                        .drainAfter(Duration.ZERO)
                        .build(),
                1);

        scheduler.advance(Duration.ofSeconds(3));

        assertThat(open(all)).isZero();
    }

    @Test
    void aWriteOfNothingIsNotAQuestion() throws IOException {
        BalancedSocketFactory factory = factory().maxAge(MINUTE).build();
        Socket socket = connect(factory, 1).get(0);
        socket.getOutputStream().write(new byte[0]);
        BalancedSocketChannel channel = factory.openChannel(socket.getRemoteSocketAddress());
        channel.write(ByteBuffer.allocate(0));
        channel.write(new ByteBuffer[] {ByteBuffer.allocate(0), ByteBuffer.allocate(1)}, 0, 1);

        scheduler.advance(MINUTE.multipliedBy(2));

        assertThat(socket.isClosed()).isTrue();
        assertThat(channel.isOpen()).isFalse();
    }
}
