package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.Server;
import io.lbclient.balancer.Balancers;
import io.lbclient.balancer.HashKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which server a call goes to. */
class PickingTest {
    private static CallOptions patient() {
        return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static Cluster hashing(HashKey key, GrpcOptions options) {
        return Cluster.of(
                        5, builder -> builder.balancer(Balancers.rendezvous(key).build()))
                .connect(options);
    }

    @Test
    void withOneOfThreeBrokenARetryNeverGoesThereTwice() {
        try (Cluster cluster = Cluster.turns(3)) {
            cluster.connect(GrpcOptions.defaults(), b -> b.defaultServiceConfig(ServiceConfigs.retrying(2)));
            cluster.awaitAnswersOf("a", "b", "c");
            cluster.backend(1).fails(Status.UNAVAILABLE);
            // gRPC's own policies leave every ninth call with an error.
            assertThat(cluster.calls(1200)).containsOnlyKeys("a", "c");
            assertThat(cluster.backend(1).hits()).isGreaterThan(300);
        }
    }

    @Test
    void callsWithOneKeyGoToOneServerAndFewMoveWhenAServerLeaves() {
        try (Cluster cluster = hashing(GrpcLoadBalancing.affinityKey(), GrpcOptions.defaults())) {
            awaitAll(cluster);
            Map<String, String> before = where(cluster);
            assertThat(where(cluster)).isEqualTo(before);
            cluster.pool.remove("c");
            Await.until("the server has left", () -> !where(cluster).containsValue("c"));
            Map<String, String> after = where(cluster);
            // Only its own keys, which are about a fifth.
            before.forEach((key, server) -> {
                if (!server.equals("c")) {
                    assertThat(after).containsEntry(key, server);
                }
            });
        }
    }

    private static void awaitAll(Cluster cluster) {
        List<String> missing = new ArrayList<>(List.of("a", "b", "c", "d", "e"));
        AtomicInteger next = new AtomicInteger();
        Await.until("all servers have a key", () -> {
            missing.remove(
                    cluster.call("x", patient().withOption(GrpcLoadBalancing.AFFINITY, "k" + next.incrementAndGet())));
            return missing.isEmpty();
        });
    }

    private static Map<String, String> where(Cluster cluster) {
        Map<String, String> servers = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            String key = "user-" + i;
            servers.put(key, cluster.call("x", patient().withOption(GrpcLoadBalancing.AFFINITY, key)));
        }
        return servers;
    }

    @Test
    void aKeyMayComeFromAHeaderTheContextOrAnotherCallOption() throws Exception {
        CallOptions.Key<String> option = CallOptions.Key.create("user");
        Context.Key<String> context = Context.key("user");
        GrpcOptions options = GrpcOptions.builder()
                .keyFromCallOption(option)
                .keyFromContext(context)
                .keyFromHeader("X-User")
                .build();
        try (Cluster cluster = hashing(GrpcLoadBalancing.affinityKey(), options)) {
            awaitAll(cluster);
            Map<String, String> expected = where(cluster);
            for (int i = 0; i < 20; i++) {
                String key = "user-" + i;
                String server = expected.get(key);
                assertThat(cluster.call("x", patient().withOption(option, key))).isEqualTo(server);
                assertThat(Context.current().withValue(context, key).call(() -> cluster.call("x", patient())))
                        .isEqualTo(server);
                assertThat(withHeader(cluster, "x-user", key)).isEqualTo(server);
            }
        }
    }

    private static String withHeader(Cluster cluster, String name, String value) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        return io.grpc.stub.ClientCalls.blockingUnaryCall(
                ClientInterceptors.intercept(cluster.channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
                Backend.UNARY,
                patient(),
                "x");
    }

    @Test
    void aStrategyReadsHeadersThePathAndTheClientsAddress() throws Exception {
        try (Cluster cluster = hashing(HashKey.header("X-Tenant"), GrpcOptions.defaults())) {
            cluster.awaitAnswersOf("a");
            Await.until(
                    "a tenant stays where it is",
                    () -> withHeader(cluster, "x-tenant", "t1").equals(withHeader(cluster, "x-tenant", "t1")));
        }
        List<Object> read = new ArrayList<>();
        Balancer reading = (candidates, previous) -> context -> {
            read.add(context.request().path());
            read.add(context.request().host());
            read.add(context.request().clientAddress());
            return candidates.get(0);
        };
        try (Cluster cluster = Cluster.of(1, builder -> builder.balancer(reading))) {
            InetAddress client = InetAddress.getByName("10.1.2.3");
            cluster.call("x", patient().withOption(GrpcLoadBalancing.CLIENT_ADDRESS, client));
            assertThat(read).contains("/test.Echo/Unary", "orders", client);
        }
    }

    @Test
    void aStrategyThatThrowsInAPickFailsThatCallAndNotTheChannel() {
        AtomicBoolean broken = new AtomicBoolean();
        Balancer balancer = (candidates, previous) -> context -> {
            if (broken.get()) {
                throw new IllegalStateException("a bug of the user's");
            }
            return candidates.get(0);
        };
        try (Cluster cluster = Cluster.of(1, builder -> builder.balancer(balancer))) {
            cluster.awaitAnswersOf("a");
            broken.set(true);
            assertThat(cluster.fail(patient()).getDescription()).contains("a bug of the user's");
            broken.set(false);
            assertThat(cluster.call()).isEqualTo("a");
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @Test
    void aStrategyThatThrowsWhileWaitingCallsArePickedForDoesNotEndTheChannel() {
        AtomicBoolean broken = new AtomicBoolean(true);
        Balancer balancer = (candidates, previous) -> context -> {
            if (broken.get()) {
                throw new IllegalStateException("a bug of the user's");
            }
            return candidates.get(0);
        };
        try (Cluster cluster = Cluster.of(1, builder -> builder.balancer(balancer))) {
            // It waits for the connection, and is picked for when that is ready.
            Running call = cluster.begin(Backend.UNARY, patient());
            assertThat(call.await().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            broken.set(false);
            assertThat(cluster.call()).isEqualTo("a");
        }
    }

    @Test
    void aStrategyThatThrowsWhenItStartsAnewIsReplacedByChance() {
        Balancer balancer = (candidates, previous) -> {
            throw new IllegalStateException("a bug of the user's");
        };
        try (Cluster cluster = Cluster.of(2, builder -> builder.balancer(balancer))) {
            cluster.awaitAnswersOf("a", "b");
        }
    }

    @Test
    void aStrategyThatNamesNobodyOrAStrangerFailsThatCallAndNotTheChannel() {
        AtomicInteger what = new AtomicInteger();
        List<Candidate> left = new ArrayList<>();
        Balancer balancer = (candidates, previous) -> {
            left.addAll(candidates);
            return context -> switch (what.get()) {
                case 1 -> null;
                case 2 -> candidates.get(candidates.size());
                default -> candidates.get(0);
            };
        };
        try (Cluster cluster = Cluster.of(1, builder -> builder.balancer(balancer))) {
            cluster.awaitAnswersOf("a");
            for (int i = 1; i <= 2; i++) {
                what.set(i);
                assertThat(cluster.fail(patient()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            }
            what.set(0);
            assertThat(cluster.call()).isEqualTo("a");
            assertThat(cluster.inFlight()).isZero();
        }
    }

    @Test
    void aClassifierThatThrowsIsPassedOver() {
        try (Cluster cluster = Cluster.inOrder(1)) {
            cluster.connect(GrpcOptions.builder()
                    .classifier(status -> {
                        throw new IllegalStateException("a bug of the user's");
                    })
                    .build());
            assertThat(cluster.call()).isEqualTo("a");
            cluster.backend(0).fails(Status.INTERNAL);
            assertThat(cluster.tryCall()).isEqualTo("INTERNAL");
            assertThat(cluster.trail()).containsExactly("a SUCCESS", "a FAILURE");
        }
    }

    @Test
    void theSlowestOfFourServersGetsLittle() {
        AtomicLong clock = new AtomicLong();
        try (Cluster cluster = Cluster.of(4, builder -> builder.ticker(clock::get))) {
            cluster.awaitAnswersOf("a", "b", "c", "d");
            for (Backend backend : cluster.backends) {
                long millis = backend.name.equals("a") ? 50 : 5;
                backend.answers(call -> {
                    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
                    call.reply(backend.name);
                });
            }
            cluster.calls(100);
            int before = cluster.backend(0).hits();
            cluster.calls(200);
            assertThat(cluster.backend(0).hits() - before).isLessThan(30);
        }
    }

    /** Bug 22: pickers that shared an array, or were in a state of failure, failed under many threads. */
    @Test
    void bug22ManyThreadsPickWhileTheServersChangeAndFail() throws Exception {
        for (Balancer balancer :
                List.of(Balancers.leastRequests(), Balancers.weightedRoundRobin(), Balancers.adaptive())) {
            try (Cluster cluster = Cluster.of(3, builder -> builder.balancer(balancer))) {
                cluster.awaitAnswersOf("a", "b", "c");
                ExecutorService threads = Executors.newFixedThreadPool(4);
                AtomicBoolean over = new AtomicBoolean();
                List<String> codes = java.util.Collections.synchronizedList(new ArrayList<>());
                for (int i = 0; i < 4; i++) {
                    threads.execute(() -> {
                        while (!over.get()) {
                            codes.add(cluster.tryCall());
                        }
                    });
                }
                Server first = cluster.backend(0).asServer();
                for (int i = 0; i < 30; i++) {
                    cluster.pool.remove("a");
                    cluster.pool.drain("b");
                    cluster.pool.drain("c");
                    int size = codes.size();
                    // With nobody to pick, calls fail with what they should and nothing else.
                    Await.until("calls went on", () -> codes.size() > size + 8);
                    cluster.pool.resume("b");
                    cluster.pool.resume("c");
                    cluster.pool.add(first.withWeight(1 + i));
                }
                over.set(true);
                threads.shutdown();
                assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
                assertThat(codes).isSubsetOf("a", "b", "c", "UNAVAILABLE");
                cluster.awaitAnswersOf("a", "b", "c");
                assertThat(cluster.inFlight()).isZero();
            }
        }
    }

    @Test
    void callersMayBeVirtualThreads() throws Exception {
        ExecutorService threads;
        try {
            threads = (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException e) {
            // Before Java 21 there are none, and plain threads pass the same way.
            threads = Executors.newCachedThreadPool();
        }
        try (Cluster cluster = Cluster.turns(3)) {
            cluster.awaitAnswersOf("a", "b", "c");
            List<java.util.concurrent.Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                answers.add(threads.submit(() -> cluster.call()));
            }
            for (var answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).isIn("a", "b", "c");
            }
            cluster.awaitIdle();
        } finally {
            threads.shutdownNow();
        }
    }
}
