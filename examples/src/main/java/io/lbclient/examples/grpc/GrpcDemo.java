package io.lbclient.examples.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.lbclient.ServerPool;
import io.lbclient.ServerSnapshot;
import io.lbclient.examples.shared.Fleet;
import io.lbclient.examples.shared.Narrator;
import io.lbclient.examples.shared.Patience;
import io.lbclient.grpc.GrpcLoadBalancing;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Three gRPC server processes under a steady load of unary calls with a retry policy: one is killed and comes back, and
 * then all three are restarted one after the other, as a deployment does. Prints what it measured, and says whether that
 * is what was promised.
 */
public final class GrpcDemo {
    private static final List<String> SERVERS = List.of("server-a", "server-b", "server-c");
    private static final long MOST_MILLIS_TO_RETURN = 1000;

    /** The short run is for machines that do other things at the same time, and then a JVM may take seconds to answer. */
    private static final long MOST_MILLIS_IN_SHORT_RUN = 5000;

    /** A killed server cuts the answers that it is just sending. */
    private static final int MOST_CUT = 10;

    private static final int WARM_UP_SECONDS = 3;
    private static final int WARM_UP_CALLS = 10;
    private static final int MOST_SECONDS_TO_WARM_UP = 30;

    /**
     * gRPC's own: up to three attempts where the server was not there. Where a connection ends just as a call is sent, gRPC
     * says {@code UNKNOWN: channel closed}; these calls may be repeated.
     */
    private static final Map<String, ?> RETRIES = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of("service", Hello.SERVICE)),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            3.0,
                            "initialBackoff",
                            "0.01s",
                            "maxBackoff",
                            "0.1s",
                            "backoffMultiplier",
                            2.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE", "UNKNOWN")))));

    private final Narrator narrator;
    private final Fleet fleet;
    private final int seconds;
    private final long mostMillis;

    private GrpcDemo(Narrator narrator, Fleet fleet, boolean shortRun) {
        this.narrator = narrator;
        this.fleet = fleet;
        this.seconds = shortRun ? 2 : 6;
        this.mostMillis = shortRun ? MOST_MILLIS_IN_SHORT_RUN : MOST_MILLIS_TO_RETURN;
    }

    /**
     * Runs the demonstration.
     *
     * @param out where the figures go
     * @param shortRun whether to wait less between the steps
     * @param rate calls a second
     * @return whether all that was promised held
     * @throws IOException if a server process cannot be started
     * @throws InterruptedException if the thread is interrupted
     */
    public static boolean run(PrintStream out, boolean shortRun, int rate) throws IOException, InterruptedException {
        Narrator narrator = new Narrator(out);
        try (Fleet fleet = new Fleet(HelloServer.class)) {
            narrator.say("starting %d gRPC servers, each a process of its own", SERVERS.size());
            fleet.start(SERVERS);
            new GrpcDemo(narrator, fleet, shortRun).play(rate);
            return narrator.end();
        }
    }

    private void play(int rate) throws IOException, InterruptedException {
        try (ServerPool orders =
                ServerPool.builder("orders").servers(fleet.servers()).build()) {
            ManagedChannel channel = GrpcLoadBalancing.channelBuilder(orders, InsecureChannelCredentials.create())
                    .defaultServiceConfig(RETRIES)
                    .build();
            warmUp(channel);
            long before = attempts(orders);
            SteadyCalls calls = new SteadyCalls(channel, rate);
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            narrator.say("%,d unary calls a second, up to 3 attempts each", rate);
            killed(calls, orders);
            restarted(calls, orders);
            calls.end();
            report(calls, orders, before);
            channel.shutdownNow();
        }
    }

    /**
     * A server that has only just started cannot take what the others cannot take yet either: calls one after the other,
     * until each has answered some.
     */
    private void warmUp(Channel channel) {
        Map<String, Integer> answers = new HashMap<>();
        while (SERVERS.stream().anyMatch(server -> answers.getOrDefault(server, 0) < WARM_UP_CALLS)) {
            CallOptions patient =
                    CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(MOST_SECONDS_TO_WARM_UP, TimeUnit.SECONDS);
            answers.merge(ClientCalls.blockingUnaryCall(channel, Hello.METHOD, patient, "hello"), 1, Integer::sum);
        }
    }

    private void killed(SteadyCalls calls, ServerPool orders) throws IOException, InterruptedException {
        String victim = SERVERS.get(1);
        fleet.process(victim).end();
        narrator.say("%s was killed with SIGKILL", victim);
        TimeUnit.SECONDS.sleep(seconds);
        narrator.say("  %s", describe(orders, victim));
        returns(victim, calls, orders);
    }

    private void restarted(SteadyCalls calls, ServerPool orders) throws IOException, InterruptedException {
        for (String server : SERVERS) {
            fleet.process(server).tell(HelloServer.STOP);
            fleet.process(server).awaitEnd();
            narrator.say("%s was stopped (GOAWAY), and starts again", server);
            returns(server, calls, orders);
        }
    }

    private void returns(String server, SteadyCalls calls, ServerPool orders) throws IOException, InterruptedException {
        fleet.start(server);
        long millis = calls.awaitAnswerOf(server, System.nanoTime());
        narrator.say("  it answers again %d ms after it listens", millis);
        narrator.promise(
                millis >= 0 && millis <= mostMillis,
                server + " answered after " + millis + " ms (expected: 0 to " + mostMillis + ")");
        TimeUnit.SECONDS.sleep(seconds);
        narrator.say("  %s", describe(orders, server));
    }

    private static String describe(ServerPool pool, String id) {
        for (ServerSnapshot server : pool.snapshot().servers()) {
            if (server.server().id().equals(id)) {
                return String.format(
                        Locale.ROOT,
                        "%s is %s, %.0f %% of the picks %s",
                        id,
                        server.state(),
                        100 * server.share(),
                        server.detail());
            }
        }
        return id + " is not there";
    }

    private void report(SteadyCalls calls, ServerPool orders, long attemptsBefore) {
        boolean idle = Patience.until(() -> inFlight(orders) == 0);
        narrator.say(
                "%,d calls, %,d errors, %,d answers cut while they were received, %,d attempts, %d in flight at the end",
                calls.begun.sum(),
                calls.failed(),
                calls.cut.sum(),
                attempts(orders) - attemptsBefore,
                inFlight(orders));
        calls.failures.forEach((failure, count) -> narrator.say("  %,d x %s", count.sum(), failure));
        narrator.promise(calls.failed() == 0, calls.failed() + " errors for the user (expected: 0)");
        narrator.promise(
                calls.cut.sum() <= MOST_CUT, calls.cut.sum() + " answers cut (expected: at most " + MOST_CUT + ")");
        narrator.promise(calls.ended.sum() == calls.begun.sum(), "calls that did not end");
        narrator.promise(idle, inFlight(orders) + " in flight at the end (expected: 0)");
    }

    private static long inFlight(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .mapToLong(ServerSnapshot::inFlight)
                .sum();
    }

    private static long attempts(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .mapToLong(ServerSnapshot::picks)
                .sum();
    }
}
