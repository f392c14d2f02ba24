package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lbclient.balancer.Balancers;
import io.lbclient.session.AffinityStore;
import io.lbclient.session.InMemoryStore;
import io.lbclient.session.SessionAffinity;
import io.lbclient.session.SessionAffinityBuilder;
import io.lbclient.session.SessionCarrier;
import io.lbclient.session.TokenKeys;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Calls of one session go to one server. */
class SessionTest {
    /** Sessions wait for their server however long it takes to connect to it. */
    private static final GrpcOptions PATIENT =
            GrpcOptions.builder().sessionWait(Duration.ofSeconds(20)).build();

    private final TokenKeys keys = TokenKeys.of(new byte[32]);

    private static Cluster cluster(int size, UnaryOperator<SessionAffinityBuilder> ways) {
        Cluster cluster = Cluster.of(
                size,
                builder -> builder.balancer(Balancers.roundRobin())
                        .affinity(ways.apply(SessionAffinity.builder()).build()));
        return cluster.awaitAnswersOf(
                cluster.backends.stream().map(backend -> backend.name).toArray(String[]::new));
    }

    private static Set<String> answering(Cluster cluster, int calls, String... metadata) {
        Set<String> servers = new TreeSet<>();
        for (int i = 0; i < calls; i++) {
            servers.add(Exchange.of(cluster.channel, metadata).server());
        }
        return servers;
    }

    @Test
    void aSignedTokenComesInTheTrailersAndGoesBackInTheMetadata() {
        try (Cluster cluster = cluster(3, ways -> ways.header("x-lb", keys))) {
            Exchange first = Exchange.of(cluster.channel);
            String token = first.trailer("x-lb");
            assertThat(token).isNotNull();
            assertThat(answering(cluster, 30, "x-lb", token)).containsExactly(first.server());
            assertThat(Exchange.of(cluster.channel, "x-lb", token).trailer("x-lb"))
                    .as("a token that is good is not issued again")
                    .isNull();
            assertThat(answering(cluster, 30)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void aForgedTokenIsNone() {
        try (Cluster cluster = cluster(3, ways -> ways.header("x-lb", keys))) {
            String token = Exchange.of(cluster.channel).trailer("x-lb");
            char last = token.charAt(10) == 'A' ? 'B' : 'A';
            String forged = token.substring(0, 10) + last + token.substring(11);
            assertThat(answering(cluster, 30, "x-lb", forged)).hasSize(3);
            assertThat(Exchange.of(cluster.channel, "x-lb", forged).trailer("x-lb"))
                    .isNotNull();
        }
    }

    @Test
    void aCarrierTakesTheTokenAsACallOption() {
        try (Cluster cluster = cluster(3, ways -> ways.cookie("lb", keys))) {
            SessionCarrier carrier = new SessionCarrier(null);
            CallOptions.Key<SessionCarrier> key = GrpcLoadBalancing.tag(SessionCarrier.class);
            Set<String> servers = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                servers.add(cluster.call("x", Exchange.patient().withOption(key, carrier)));
            }
            assertThat(servers).hasSize(1);
            SessionCarrier later = new SessionCarrier(carrier.issued());
            for (int i = 0; i < 20; i++) {
                servers.add(cluster.call("x", Exchange.patient().withOption(key, later)));
            }
            assertThat(servers).hasSize(1);
            assertThat(later.issued()).isNull();
        }
    }

    @Test
    void aTokenOfTheApplicationsOwnIsReadWhereItSays() {
        SessionCarrier issuing = new SessionCarrier(null);
        try (Cluster cluster = cluster(
                3,
                ways -> ways.token(
                        request -> {
                            String own = request.header("authorization");
                            return own == null ? null : own.substring("Own ".length());
                        },
                        keys))) {
            String server = cluster.call(
                    "x", Exchange.patient().withOption(GrpcLoadBalancing.tag(SessionCarrier.class), issuing));
            assertThat(answering(cluster, 30, "authorization", "Own " + issuing.issued()))
                    .containsExactly(server);
        }
    }

    @Test
    void anIdThatTheServerSetsIsLearnedFromHeadersAndFromTrailers() {
        try (Cluster cluster = cluster(3, ways -> ways.learnedHeader("session-id", new InMemoryStore()))) {
            for (boolean inTrailers : new boolean[] {false, true}) {
                cluster.backends.forEach(backend -> backend.answers(call -> {
                    Metadata id = Exchange.metadata("session-id", backend.name + " " + inTrailers);
                    call.call().sendHeaders(inTrailers ? new Metadata() : id);
                    call.call().sendMessage(backend.name);
                    call.call().close(Status.OK, inTrailers ? id : new Metadata());
                }));
                String server = Exchange.of(cluster.channel).server();
                cluster.backends.forEach(Backend::works);
                assertThat(answering(cluster, 30, "session-id", server + " " + inTrailers))
                        .containsExactly(server);
            }
        }
    }

    @Test
    void aKeyThatTheCallBringsIsRememberedWithTheServerThatWasPickedFirst() {
        try (Cluster cluster =
                cluster(3, ways -> ways.key("user", request -> request.attribute(String.class), new InMemoryStore()))) {
            Set<String> all = new HashSet<>();
            for (int user = 0; user < 9; user++) {
                CallOptions options = Exchange.patient().withOption(GrpcLoadBalancing.AFFINITY, "user-" + user);
                String first = cluster.call("x", options);
                for (int i = 0; i < 5; i++) {
                    assertThat(cluster.call("x", options)).isEqualTo(first);
                }
                all.add(first);
            }
            assertThat(all).hasSize(3);
        }
    }

    @Test
    void aHashOfAKeyNeedsNothingStored() {
        try (Cluster cluster = cluster(3, ways -> ways.hash(request -> request.header("user")))) {
            Set<String> all = new HashSet<>();
            for (int user = 0; user < 30; user++) {
                Set<String> servers = answering(cluster, 3, "user", "u" + user);
                assertThat(servers).hasSize(1);
                all.addAll(servers);
            }
            assertThat(all).hasSize(3);
        }
    }

    @Test
    void whenTheServerIsGoneTheSessionMovesOnceAndDoesNotComeBack() {
        try (Cluster cluster = cluster(3, ways -> ways.header("x-lb", keys))) {
            Exchange first = Exchange.of(cluster.channel);
            Backend home = cluster.backends.stream()
                    .filter(backend -> backend.name.equals(first.server()))
                    .findFirst()
                    .orElseThrow();
            cluster.pool.remove(home.name);
            Exchange moved = Exchange.of(cluster.channel, "x-lb", first.trailer("x-lb"));
            assertThat(moved.server()).isNotEqualTo(home.name);
            String token = moved.trailer("x-lb");
            cluster.pool.add(home.asServer());
            cluster.awaitAnswersOf(home.name);
            assertThat(answering(cluster, 30, "x-lb", token)).containsExactly(moved.server());
        }
    }

    @Test
    void aStrictSessionWhoseServerIsGoneFailsWithAReason() {
        try (Cluster cluster = cluster(3, ways -> ways.header("x-lb", keys).strict())) {
            Exchange first = Exchange.of(cluster.channel);
            cluster.pool.operator("test").disable(first.server());
            Status status = failure(cluster, first.trailer("x-lb"));
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).contains("orders", "session's server", "strict affinity");
            assertThat(Exchange.of(cluster.channel).server()).isNotEqualTo(first.server());
        }
    }

    private static Status failure(Cluster cluster, String token) {
        try {
            throw new AssertionError("was answered by " + Exchange.of(cluster.channel, "x-lb", token));
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @Test
    void aFailureBindsNothing() {
        try (Cluster cluster = cluster(1, ways -> ways.header("x-lb", keys))) {
            SessionCarrier carrier = new SessionCarrier(null);
            CallOptions options = Exchange.patient().withOption(GrpcLoadBalancing.tag(SessionCarrier.class), carrier);
            cluster.backend(0).fails(Status.UNAVAILABLE);
            assertThat(cluster.tryCall(options)).isEqualTo("UNAVAILABLE");
            assertThat(carrier.issued()).isNull();
            cluster.backend(0).fails(Status.NOT_FOUND);
            assertThat(cluster.tryCall(options)).isEqualTo("NOT_FOUND");
            assertThat(carrier.issued()).as("the server works").isNotNull();
        }
    }

    @Test
    void ofAHedgeTheServerThatAnsweredHasTheSession() {
        try (Cluster cluster = Cluster.of(
                2,
                builder -> builder.balancer(Cluster.IN_ORDER)
                        .affinity(SessionAffinity.builder()
                                .learnedHeader("session-id", new InMemoryStore())
                                .build()))) {
            cluster.connect(GrpcOptions.defaults(), b -> b.defaultServiceConfig(ServiceConfigs.hedging(2, "0.05s")));
            cluster.awaitAnswersOfAll();
            cluster.backend(0).hangs();
            cluster.backend(1).answers(call -> {
                call.call().sendHeaders(Exchange.metadata("session-id", "of-b"));
                call.call().sendMessage("b");
                call.call().close(Status.OK, new Metadata());
            });
            assertThat(Exchange.of(cluster.channel).server()).isEqualTo("b");
            cluster.backends.forEach(Backend::works);
            // Without hedges, which a busy machine would send to the other one.
            cluster.connect().awaitAnswersOfAll();
            assertThat(answering(cluster, 10)).containsExactly("a");
            assertThat(answering(cluster, 10, "session-id", "of-b")).containsExactly("b");
        }
    }

    @Test
    void ofAHedgeTheFirstServerHasTheSessionIfItAnswersAfterAll() {
        try (Cluster cluster = Cluster.of(
                2,
                builder -> builder.balancer(Cluster.IN_ORDER)
                        .affinity(SessionAffinity.builder().header("x-lb", keys).build()))) {
            cluster.connect(GrpcOptions.defaults(), b -> b.defaultServiceConfig(ServiceConfigs.hedging(2, "0.05s")));
            cluster.awaitAnswersOfAll();
            int before = cluster.backend(1).hits();
            cluster.backend(1).hangs();
            cluster.backend(0).answers(call -> {
                Await.until("the hedge is there", () -> cluster.backend(1).hits() > before);
                call.reply("a");
            });
            Exchange first = Exchange.of(cluster.channel);
            assertThat(first.server()).isEqualTo("a");
            assertThat(first.trailer("x-lb")).isNotNull();
        }
    }

    @Test
    void aStreamIsBoundWhenItsHeadersAreThere() {
        try (Cluster cluster = cluster(3, ways -> ways.header("x-lb", keys))) {
            cluster.backends.forEach(Backend::begins);
            SessionCarrier carrier = new SessionCarrier(null);
            Running stream = cluster.begin(
                    Backend.STREAM,
                    Exchange.patient().withOption(GrpcLoadBalancing.tag(SessionCarrier.class), carrier));
            Await.until("the first message", () -> !stream.messages.isEmpty());
            assertThat(stream.end).isNotDone();
            assertThat(carrier.issued()).isNotNull();
            cluster.backends.forEach(Backend::works);
            assertThat(answering(cluster, 20, "x-lb", carrier.issued())).containsExactlyElementsOf(stream.messages);
            stream.call.cancel("enough", null);
        }
    }

    @Test
    void sessionsWaitForTheConnectionsOfAFreshChannel() {
        try (Cluster cluster = cluster(4, ways -> ways.header("x-lb", keys))) {
            Map<String, String> tokens = new ConcurrentHashMap<>();
            Await.until("a session on each server", () -> {
                Exchange one = Exchange.of(cluster.channel);
                tokens.put(one.server(), one.trailer("x-lb"));
                return tokens.size() == 4;
            });
            for (int round = 0; round < 10; round++) {
                cluster.connect(PATIENT);
                tokens.forEach((server, token) -> assertThat(
                                Exchange.of(cluster.channel, "x-lb", token).server())
                        .isEqualTo(server));
            }
        }
    }

    @Test
    void aSessionStaysWhileItsServerEndsOldConnections() {
        List<Backend> backends = List.of("a", "b", "c").stream()
                .map(name -> new Backend(
                        name,
                        InsecureServerCredentials.create(),
                        builder -> builder.maxConnectionAge(50, TimeUnit.MILLISECONDS)))
                .toList();
        try (Cluster cluster = Cluster.of(
                        backends,
                        builder -> builder.balancer(Balancers.roundRobin())
                                .affinity(SessionAffinity.builder()
                                        .header("x-lb", keys)
                                        .build()))
                .connect(PATIENT)) {
            Exchange first = Exchange.of(cluster.channel);
            Backend home = backends.stream()
                    .filter(backend -> backend.name.equals(first.server()))
                    .findFirst()
                    .orElseThrow();
            int before = home.connections.get();
            AtomicInteger calls = new AtomicInteger();
            AtomicInteger atHome = new AtomicInteger();
            Await.until("three connections", () -> {
                Exchange next = Exchange.of(cluster.channel, "x-lb", first.trailer("x-lb"));
                // A call that the server refuses because it ends the connection is answered elsewhere, and moves
                // nobody.
                assertThat(next.trailer("x-lb")).isNull();
                atHome.addAndGet(next.server().equals(home.name) ? 1 : 0);
                calls.incrementAndGet();
                return home.connections.get() >= before + 3;
            });
            assertThat(atHome.get()).isGreaterThanOrEqualTo(calls.get() - 3);
        }
    }

    @Test
    void aSessionDoesNotWaitForAServerThatCannotBeConnectedTo() {
        try (Cluster cluster = cluster(3, ways -> ways.header("x-lb", keys))) {
            Exchange first = Exchange.of(cluster.channel);
            cluster.backends.stream()
                    .filter(backend -> backend.name.equals(first.server()))
                    .forEach(Backend::kill);
            // A call that comes before the end of the connection is known fails, or is answered elsewhere and moves
            // nobody.
            Await.until("the session has moved", () -> {
                try {
                    Exchange next = Exchange.of(cluster.channel, "x-lb", first.trailer("x-lb"));
                    assertThat(next.server()).isNotEqualTo(first.server());
                    return next.trailer("x-lb") != null;
                } catch (StatusRuntimeException cut) {
                    return false;
                }
            });
        }
    }

    /** One that answers later, and notes who asks. */
    private static final class SlowStore implements AffinityStore {
        final Map<String, String> bindings = new ConcurrentHashMap<>();
        final Set<Thread> askers = ConcurrentHashMap.newKeySet();
        private final Executor later = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS);

        @Override
        public CompletionStage<String> find(String key) {
            askers.add(Thread.currentThread());
            return CompletableFuture.supplyAsync(() -> bindings.get(key), later);
        }

        @Override
        public CompletionStage<String> bind(String key, String server, String insteadOf) {
            return CompletableFuture.completedFuture(bindings.putIfAbsent(key, server));
        }

        @Override
        public void close() {}
    }

    @Test
    void aStoreIsAskedOnTheCallersThreadAndNeverInAPick() {
        SlowStore store = new SlowStore();
        try (Cluster cluster = cluster(
                3,
                ways -> ways.key("user", request -> request.attribute(String.class), store)
                        .lookupWait(Duration.ofSeconds(20)))) {
            CallOptions options = Exchange.patient().withOption(GrpcLoadBalancing.AFFINITY, "user");
            String server = cluster.call("x", options);
            for (int i = 0; i < 10; i++) {
                assertThat(cluster.call("x", options)).isEqualTo(server);
            }
            // A fresh channel keeps its calls, and picks for them on threads of its own.
            cluster.connect(PATIENT);
            assertThat(cluster.call("x", options)).isEqualTo(server);
            assertThat(store.askers).isEqualTo(Set.of(Thread.currentThread()));
            assertThat(List.copyOf(store.bindings.values())).containsExactly(server);
        }
    }
}
