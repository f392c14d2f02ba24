package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthChange;
import io.lbclient.HealthState;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Four servers and many connections, as a connection pool above makes them. */
@Timeout(180)
class EchoFleetTest {
    private final List<EchoServer> servers = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final Set<Server> ejected = ConcurrentHashMap.newKeySet();
    private ServerPool pool;
    private BalancedSocketFactory factory;

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < 4; i++) {
            servers.add(new EchoServer());
        }
        pool = Lab.builder(servers.stream().map(EchoServer::server).toArray(Server[]::new))
                .balancer(Balancers.leastRequests())
                .listener(new PoolListener() {
                    @Override
                    public void healthChanged(HealthChange change) {
                        if (change.to() == HealthState.EJECTED) {
                            ejected.add(change.server());
                        }
                    }
                })
                .build();
        factory = BalancedSocketFactory.builder(pool)
                .drainAfter(Duration.ofMillis(1))
                .quietTime(Duration.ofMillis(100))
                .build();
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        awaitNothingOpen(factory);
        factory.close();
        pool.close();
        for (EchoServer server : servers) {
            server.close();
        }
        Lab.awaitNoThread("orders-db-");
    }

    /** What the factory was closing in this moment takes a little longer. */
    private void awaitNothingOpen(BalancedSocketFactory of) {
        Lab.await("nothing is open or in flight", () -> of.openConnections() == 0 && Lab.inFlight(pool) == 0);
    }

    /** What a connection pool does: as many as it should be, and a new one for each that is gone. */
    private void fill(BalancedSocketFactory from, int count) throws IOException {
        sockets.removeIf(Socket::isClosed);
        while (sockets.size() < count) {
            sockets.add(from.createSocket("orders-db", 5432));
        }
    }

    /** As a pool does before it hands a connection out. */
    private void closeThoseThatDoNotAnswer() throws IOException {
        for (Socket socket : sockets) {
            if (!answers(socket)) {
                socket.close();
            }
        }
    }

    private static boolean answers(Socket socket) {
        try {
            return Lab.echo(socket, "ping").equals("ping");
        } catch (IOException e) {
            return false;
        }
    }

    private int at(int server) {
        return (int) sockets.stream()
                .filter(s -> !s.isClosed() && s.getPort() == servers.get(server).port())
                .count();
    }

    private void spread(Integer... expected) {
        assertThat(List.of(at(0), at(1), at(2), at(3))).containsExactly(expected);
    }

    @Test
    void leastConnectionsEndsAtFiftyEachAndComesBackToItAfterAKill() throws IOException {
        try (BalancedSocketFactory plain = Opened.patient(pool).build()) {
            fill(plain, 200);
            spread(50, 50, 50, 50);

            servers.get(2).kill();
            closeThoseThatDoNotAnswer();
            // Before that each connect would try it first, and pay for the next one from the budget.
            Server killed = servers.get(2).server();
            Lab.await("the picks know that the killed server is out", () -> ejected.contains(killed));
            fill(plain, 200);
            // Its 50 went to the other three, of which each has a third.
            assertThat(at(2)).isZero();
            assertThat(List.of(at(0), at(1), at(3))).allMatch(n -> n == 66 || n == 67);

            servers.get(2).comeBack();
            Lab.await("a trial has brought it back", () -> {
                try {
                    sockets.remove(0).close();
                    fill(plain, 200);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return at(2) > 5;
            });
            // From now on whatever is closed is replaced where the fewest are.
            for (int i = 0; i < 200; i++) {
                Socket busiest = sockets.stream()
                        .max((a, b) -> Integer.compare(count(a.getPort()), count(b.getPort())))
                        .orElseThrow();
                busiest.close();
                fill(plain, 200);
            }
            spread(50, 50, 50, 50);
        }
    }

    private int count(int port) {
        return (int) sockets.stream().filter(s -> s.getPort() == port).count();
    }

    @Test
    void agingConnectionsFollowAPoolThatHasGrown() throws IOException {
        ManualScheduler scheduler = new ManualScheduler(new FakeTicker());
        Server late = servers.get(3).server();
        pool.remove(late.id());
        try (BalancedSocketFactory aging = BalancedSocketFactory.builder(pool)
                .scheduler(scheduler)
                .maxAge(Duration.ofMinutes(10))
                .build()) {
            fill(aging, 60);
            spread(20, 20, 20, 0);

            pool.add(late);
            // All old connections are closed for their age, not all at once.
            for (int second = 0; second < 11 * 60; second++) {
                scheduler.advance(Duration.ofSeconds(1));
                fill(aging, 60);
            }
            spread(15, 15, 15, 15);
        }
    }

    @Test
    void drainingAServerMovesItsConnections() throws IOException {
        fill(factory, 40);
        CompletableFuture<Void> drained = pool.drain(servers.get(1).server().id());

        Lab.await("the drained server has nothing left", drained::isDone);
        assertThat(servers.get(1).server().id())
                .satisfies(id ->
                        assertThat(Lab.inFlight(pool, servers.get(1).server())).isZero());
        fill(factory, 40);
        assertThat(at(1)).isZero();
        assertThat(sockets).hasSize(40);
    }

    @Test
    void whateverIsConnectedClosedKilledAndAbortedByManyThreadsNothingStaysInFlight() throws Exception {
        BalancedSocketFactory hasty = BalancedSocketFactory.builder(pool)
                .startDelay(Duration.ofNanos(1_000_000))
                .maxAge(Duration.ofMillis(40))
                .drainAfter(Duration.ZERO)
                .quietTime(Duration.ofMillis(1))
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(12);
        List<CompletableFuture<Integer>> workers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            SplittableRandom random = new SplittableRandom(100 + i);
            workers.add(CompletableFuture.supplyAsync(() -> churn(hasty, random, threads), threads));
        }
        CompletableFuture<Void> chaos =
                CompletableFuture.runAsync(() -> chaos(new SplittableRandom(7), workers), threads);

        int connected = 0;
        for (CompletableFuture<Integer> worker : workers) {
            connected += worker.get(120, TimeUnit.SECONDS);
        }
        chaos.get(120, TimeUnit.SECONDS);
        threads.shutdown();
        assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();

        assertThat(connected).isGreaterThan(500);
        awaitNothingOpen(hasty);
        hasty.close();
    }

    private static int churn(BalancedSocketFactory from, SplittableRandom random, ExecutorService others) {
        int connected = 0;
        for (int i = 0; i < 250; i++) {
            Socket socket = from.createSocket();
            try {
                if (random.nextInt(4) == 0) {
                    others.execute(() -> closeQuietly(socket));
                }
                socket.connect(Lab.LOGICAL, 1 + random.nextInt(3000));
                connected++;
                if (random.nextInt(3) > 0) {
                    Lab.echo(socket, "x".repeat(1 + random.nextInt(500)));
                }
                if (random.nextInt(4) == 0) {
                    others.execute(() -> closeQuietly(socket));
                }
            } catch (IOException e) {
                // Killed, aborted or too late: the very thing that is tried here.
            } finally {
                closeQuietly(socket);
            }
        }
        return connected;
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void chaos(SplittableRandom random, List<CompletableFuture<Integer>> workers) {
        while (!workers.stream().allMatch(CompletableFuture::isDone)) {
            EchoServer server = servers.get(random.nextInt(3));
            try {
                switch (random.nextInt(3)) {
                    case 0 -> {
                        server.kill();
                        server.comeBack();
                    }
                    case 1 -> {
                        pool.remove(server.server().id());
                        pool.add(server.server());
                    }
                    default -> {
                        pool.drain(server.server().id());
                        pool.resume(server.server().id());
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
