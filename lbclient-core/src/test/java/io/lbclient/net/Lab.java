package io.lbclient.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What the tests of sockets have in common. */
final class Lab {
    /** Long enough for any machine; nothing is measured with it. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What sockets are told to connect to. */
    static final InetSocketAddress LOGICAL = InetSocketAddress.createUnresolved("orders-db", 5432);

    /** The first that was not tried, in the pool's order: a test knows who is picked. */
    static final Balancer IN_ORDER = (candidates, previous) -> context -> {
        for (Candidate candidate : candidates) {
            if (!context.tried(candidate)) {
                return candidate;
            }
        }
        return candidates.get(0);
    };

    private Lab() {}

    static ServerPool inOrder(Server... servers) {
        return builder(servers).balancer(IN_ORDER).build();
    }

    static ServerPoolBuilder builder(Server... servers) {
        return ServerPool.builder("orders-db").servers(servers).seed(11);
    }

    /** A port that nobody has taken, to be taken at once. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static int inFlight(ServerPool pool, Server server) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.server().id().equals(server.id()))
                .mapToInt(s -> s.inFlight())
                .sum();
    }

    static int inFlight(ServerPool pool) {
        return pool.snapshot().servers().stream().mapToInt(s -> s.inFlight()).sum();
    }

    static String echo(Socket socket, String text) throws IOException {
        byte[] bytes = text.getBytes(US_ASCII);
        socket.getOutputStream().write(bytes);
        return new String(socket.getInputStream().readNBytes(bytes.length), US_ASCII);
    }

    /** Waits until something that another thread does has happened. */
    static void await(String what, BooleanSupplier condition) {
        Semaphore never = new Semaphore(0);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting until " + what).isLessThan(end);
            try {
                if (never.tryAcquire(5, TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("nobody releases it");
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Waits until no thread is left whose name has this in it. */
    static void awaitNoThread(String part) {
        await("no thread is left behind", () -> threads(part).isEmpty());
    }

    private static List<String> threads(String part) {
        Thread[] all = new Thread[Thread.activeCount() * 2 + 10];
        int count = Thread.enumerate(all);
        return Arrays.stream(all, 0, count)
                .map(Thread::getName)
                .filter(name -> name.contains(part))
                .toList();
    }

    /** For tests that run where there are virtual threads; the build's own JDK has none. */
    static Thread startVirtualThread(Runnable task) {
        try {
            return (Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes down how attempts end. */
    static final class Endings implements HealthMonitor {
        final List<String> seen = new CopyOnWriteArrayList<>();

        @Override
        public Watch start(MonitoredPool pool) {
            return new Watch() {
                @Override
                public OutcomeObserver joined(Candidate server) {
                    String id = server.server().id();
                    return (outcome, latency, trial) -> seen.add(id + " " + outcome);
                }

                @Override
                public void close() {}
            };
        }

        static String of(Server server, Outcome outcome) {
            return server.id() + " " + outcome;
        }
    }

    /** Judges nothing by itself, so that a test can. */
    static final class Judge implements HealthMonitor {
        private MonitoredPool pool;

        @Override
        public Watch start(MonitoredPool judged) {
            pool = judged;
            return new Watch() {
                @Override
                public OutcomeObserver joined(Candidate server) {
                    return OutcomeObserver.NONE;
                }

                @Override
                public void close() {}
            };
        }

        void raise(Server server, HealthCause cause) {
            pool.candidates().stream()
                    .filter(c -> c.server().equals(server))
                    .forEach(c -> pool.raise(c, cause, "the test says so"));
        }
    }
}
