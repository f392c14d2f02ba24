package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import io.lbclient.ServerSnapshot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pool learns from how calls go. */
class FeedbackTest {
    /** The server that says that its processors have least to do; one that has not said anything comes first. */
    private static final Balancer LEAST_CPU = (candidates, previous) -> context -> {
        Candidate least = candidates.get(0);
        for (Candidate candidate : candidates) {
            least = cpu(candidate) < cpu(least) ? candidate : least;
        }
        return least;
    };

    private static double cpu(Candidate candidate) {
        LoadReport report = candidate.loadReport();
        return report == null ? 0 : report.cpuUtilization();
    }

    private static CallOptions within(long millis) {
        return CallOptions.DEFAULT.withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
    }

    private static Cluster retrying(Cluster cluster, boolean retries) {
        return retries
                ? cluster.connect()
                : cluster.connect(GrpcOptions.defaults(), io.grpc.ManagedChannelBuilder::disableRetry);
    }

    @Test
    void aUnaryCallIsOneSuccessAndNothingInFlight() {
        try (Cluster cluster = Cluster.inOrder(1)) {
            assertThat(cluster.call()).isEqualTo("a");
            assertThat(cluster.trail()).containsExactly("a SUCCESS");
        }
    }

    @Test
    void aStreamIsInFlightUntilItIsClosed() {
        try (Cluster cluster = Cluster.inOrder(1)) {
            AtomicReference<Backend.Seen> stream = new AtomicReference<>();
            cluster.backend(0).answers(call -> {
                call.call().sendHeaders(new Metadata());
                call.call().sendMessage("one");
                stream.set(call);
            });
            Running running = cluster.begin(Backend.STREAM, CallOptions.DEFAULT);
            Await.until("a message has come", () -> running.messages.size() == 1);
            assertThat(cluster.inFlight()).isEqualTo(1);

            Await.until("the server has told its answer", () -> stream.get() != null);
            stream.get().call().close(Status.OK, new Metadata());
            assertThat(running.await().isOk()).isTrue();
            assertThat(cluster.trail()).containsExactly("a SUCCESS");
        }
    }

    @Test
    void theLatencyOfAStreamIsThatOfItsFirstHeaders() {
        AtomicLong ahead = new AtomicLong();
        try (Cluster cluster = Cluster.of(1, builder -> builder.ticker(() -> System.nanoTime() + ahead.get()))) {
            AtomicReference<Backend.Seen> stream = new AtomicReference<>();
            cluster.backend(0).answers(call -> {
                call.call().sendHeaders(new Metadata());
                call.call().sendMessage("one");
                stream.set(call);
            });
            Running running = cluster.begin(Backend.STREAM, CallOptions.DEFAULT);
            Await.until("a message has come", () -> running.messages.size() == 1);
            assertThat(cluster.pool.snapshot().servers().get(0).latencyNanos()).isPositive();

            ahead.set(TimeUnit.HOURS.toNanos(1));
            Await.until("the server has told its answer", () -> stream.get() != null);
            stream.get().call().close(Status.OK, new Metadata());
            running.await();
            cluster.awaitIdle();
            assertThat(cluster.endings)
                    .singleElement()
                    .satisfies(end -> assertThat(end.latencyNanos()).isLessThan(TimeUnit.MINUTES.toNanos(30)));
        }
    }

    @Test
    void notFoundIsNoFailureOfTheServerAndUnavailableIs() {
        try (Cluster cluster = Cluster.inOrder(1)) {
            cluster.backend(0).fails(Status.NOT_FOUND);
            assertThat(cluster.tryCall()).isEqualTo("NOT_FOUND");
            cluster.backend(0).fails(Status.UNAVAILABLE);
            assertThat(cluster.tryCall()).isEqualTo("UNAVAILABLE");
            cluster.backend(0).fails(Status.RESOURCE_EXHAUSTED);
            assertThat(cluster.tryCall()).isEqualTo("RESOURCE_EXHAUSTED");
            assertThat(cluster.trail()).containsExactly("a SUCCESS", "a FAILURE", "a OVERLOADED");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeadlineIsATimeoutWithRetriesAndWithout(boolean retries) {
        try (Cluster cluster = retrying(Cluster.inOrder(1), retries)) {
            cluster.awaitAnswersOf("a");
            cluster.backend(0).hangs();
            Await.until("a deadline comes after its call was sent", () -> {
                cluster.endings.clear();
                assertThat(cluster.tryCall(within(200))).isEqualTo("DEADLINE_EXCEEDED");
                return !cluster.trail().isEmpty();
            });
            assertThat(cluster.trail()).containsExactly("a TIMEOUT");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theDeadlineOfTheContextIsATimeoutToo(boolean retries) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try (Cluster cluster = retrying(Cluster.inOrder(1), retries)) {
            cluster.awaitAnswersOf("a");
            cluster.backend(0).hangs();
            Await.until("a deadline comes after its call was sent", () -> {
                cluster.endings.clear();
                Context.current()
                        .withDeadlineAfter(200, TimeUnit.MILLISECONDS, timer)
                        .run(() ->
                                assertThat(cluster.tryCall(CallOptions.DEFAULT)).isEqualTo("DEADLINE_EXCEEDED"));
                return !cluster.trail().isEmpty();
            });
            assertThat(cluster.trail()).containsExactly("a TIMEOUT");
        } finally {
            timer.shutdownNow();
        }
    }

    @Test
    void aCallThatItsCallerCancelsSaysNothing() {
        try (Cluster cluster = Cluster.inOrder(1)) {
            cluster.awaitAnswersOf("a");
            cluster.backend(0).hangs();
            Await.until("a cancellation comes after its call was sent", () -> {
                cluster.endings.clear();
                int hits = cluster.backend(0).hits();
                Running running = cluster.begin(Backend.UNARY, within(20_000));
                Await.until("the server has the call", () -> cluster.backend(0).hits() > hits);
                running.call.cancel("enough", null);
                assertThat(running.await().getCode()).isEqualTo(Status.Code.CANCELLED);
                return !cluster.trail().isEmpty();
            });
            assertThat(cluster.trail()).containsExactly("a CANCELLED");
        }
    }

    @Test
    void theLoserOfAHedgeSaysNothingAndTheWinnerIsASuccess() {
        try (Cluster cluster = Cluster.inOrder(2)) {
            cluster.connect(
                    GrpcOptions.defaults(),
                    builder -> builder.defaultServiceConfig(ServiceConfigs.hedging(2, "0.05s")));
            cluster.awaitAnswersOfAll();
            cluster.backend(0).hangs();
            Await.until("the second server answers after the first one was asked", () -> {
                cluster.endings.clear();
                assertThat(cluster.call()).isEqualTo("b");
                return cluster.trail().size() == 2;
            });
            assertThat(cluster.trail()).containsExactlyInAnyOrder("a CANCELLED", "b SUCCESS");
        }
    }

    @Test
    void everyAttemptOfARetriedCallIsASample() {
        try (Cluster cluster = Cluster.inOrder(3)) {
            cluster.connect(
                    GrpcOptions.defaults(), builder -> builder.defaultServiceConfig(ServiceConfigs.retrying(3)));
            cluster.awaitAnswersOf("a");
            // A server is asked only once its connection is ready, so each must have been seen to be asked.
            cluster.backend(0).fails(Status.UNAVAILABLE);
            cluster.awaitAnswersOf("b");
            cluster.backend(1).fails(Status.UNAVAILABLE);
            cluster.awaitAnswersOf("c");
            cluster.awaitIdle();
            cluster.endings.clear();
            assertThat(cluster.call()).isEqualTo("c");
            assertThat(cluster.trail()).containsExactly("a FAILURE", "b FAILURE", "c SUCCESS");
        }
    }

    @Test
    void callsThatWaitForAStreamOfTheirConnectionAreInFlight() {
        Backend narrow = new Backend(
                "a",
                InsecureServerCredentials.create(),
                (NettyServerBuilder b) -> b.maxConcurrentCallsPerConnection(2));
        try (Cluster cluster = Cluster.of(List.of(narrow), builder -> builder).connect()) {
            cluster.awaitAnswersOf("a");
            narrow.begins();
            List<Running> calls = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                calls.add(cluster.begin(Backend.STREAM, within(20_000)));
            }
            Await.until(
                    "the server has begun to answer two of them",
                    () -> calls.stream()
                                    .filter(call -> !call.messages.isEmpty())
                                    .count()
                            == 2);
            assertThat(cluster.inFlight()).isEqualTo(10);
            cluster.endings.clear();
            // Those that wait first, or one of them gets the stream of one that was sent.
            Collections.reverse(calls);
            calls.forEach(running -> running.call.cancel("enough", null));
            calls.forEach(Running::await);
            cluster.awaitIdle();
            Await.until("all endings were told", () -> cluster.endings.size() == 10);
            // Those that were never sent have no latency to tell.
            assertThat(cluster.endings.stream().filter(e -> e.outcome() == Outcome.NOT_SENT))
                    .hasSize(8);
        }
    }

    @Test
    void aStreamThatWasNeverSentGivesNoLatency() {
        Backend narrow = new Backend(
                "a",
                InsecureServerCredentials.create(),
                (NettyServerBuilder b) -> b.maxConcurrentCallsPerConnection(1));
        try (Cluster cluster = Cluster.of(List.of(narrow), builder -> builder).connect()) {
            narrow.hangs();
            Running first = cluster.begin(Backend.UNARY, within(20_000));
            Await.until("the server has it", () -> narrow.hits() == 1);
            // A newcomer's latency is unknown, and stays so.
            Await.until("a deadline comes after the pick", () -> {
                assertThat(cluster.tryCall(within(100))).isEqualTo("DEADLINE_EXCEEDED");
                return !cluster.endings.isEmpty();
            });
            assertThat(cluster.endings).extracting(Cluster.Ending::outcome).containsOnly(Outcome.NOT_SENT);
            ServerSnapshot server = cluster.pool.snapshot().servers().get(0);
            assertThat(server.latencyNanos()).isZero();
            assertThat(server.failures()).isZero();
            first.call.cancel("enough", null);
            cluster.awaitIdle();
        }
    }

    @Test
    void aLoadReportInTheTrailersReachesTheStrategy() {
        try (Cluster cluster = Cluster.of(2, builder -> builder.balancer(LEAST_CPU))) {
            reports(cluster.backend(0), 0.9);
            reports(cluster.backend(1), 0.2);
            cluster.awaitAnswersOf("a", "b");
            assertThat(cluster.calls(20)).isEqualTo(Map.of("b", 20));
        }
    }

    private static void reports(Backend backend, double cpu) {
        byte[] report = ByteBuffer.allocate(9)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) (1 << 3 | 1))
                .putDouble(cpu)
                .array();
        backend.answers(call -> {
            Metadata trailers = new Metadata();
            trailers.put(OrcaReport.KEY, report);
            call.call().sendHeaders(new Metadata());
            call.call().sendMessage(backend.name);
            call.call().close(Status.OK, trailers);
        });
    }

    @Test
    void aServerThatPushesBackIsLeftAlone() {
        try (Cluster cluster = Cluster.turns(2)) {
            cluster.awaitAnswersOf("a", "b");
            cluster.backend(0).answers(call -> {
                Metadata trailers = new Metadata();
                trailers.put(PushBack.KEY, "60000");
                call.call().close(Status.UNAVAILABLE, trailers);
            });
            Await.until("the server has pushed back", () -> cluster.tryCall().equals("UNAVAILABLE"));
            assertThat(cluster.calls(50)).isEqualTo(Map.of("b", 50));
        }
    }

    @Test
    void aClassifierOfTheUsersDecides() {
        try (Cluster cluster = Cluster.inOrder(1)) {
            cluster.connect(GrpcOptions.builder()
                    .classifier(status -> status.getCode() == Status.Code.NOT_FOUND ? Outcome.FAILURE : Outcome.SUCCESS)
                    .build());
            cluster.backend(0).fails(Status.NOT_FOUND);
            assertThat(cluster.tryCall()).isEqualTo("NOT_FOUND");
            assertThat(cluster.trail()).containsExactly("a FAILURE");
        }
    }
}
