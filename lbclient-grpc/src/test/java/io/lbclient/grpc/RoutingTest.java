package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.lbclient.PoolView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.retry.ConcurrencyLimits;
import io.lbclient.routing.Claims;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import io.lbclient.routing.Split;
import io.lbclient.routing.SplitKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A router in front of several pools: which of them a call reaches. */
class RoutingTest extends RoutedPools {
    private enum Tier {
        GOLD
    }

    @Test
    void aCallGoesWhereItsMethodItsMetadataItsHostOrItsTagLeads() {
        ManagedChannel channel = channel(router(
                pool("rest", 1),
                Rule.named("streams")
                        .when(Condition.path("/test.Echo/Stream"))
                        .to(pool("streams", 1))
                        .build(),
                Rule.named("beta")
                        .when(Condition.header("X-Beta").is("yes"))
                        .to(pool("beta", 1))
                        .build(),
                Rule.named("host")
                        .when(Condition.host("media.example"))
                        .to(pool("media", 1))
                        .build(),
                Rule.named("gold")
                        .when(Condition.tag(Tier.GOLD))
                        .to(pool("gold", 1))
                        .build(),
                Rule.named("own-host")
                        .when(Condition.host("shop").and(Condition.header("own").isPresent()))
                        .to(pool("own", 1))
                        .build()));
        assertThat(Exchange.of(channel).server()).isEqualTo("rest1");
        assertThat(Exchange.of(channel, "x-beta", "yes").server()).isEqualTo("beta1");
        assertThat(Exchange.of(channel, "x-beta", "no").server()).isEqualTo("rest1");
        assertThat(Exchange.of(channel, Exchange.patient().withAuthority("media.example"))
                        .server())
                .isEqualTo("media1");
        assertThat(Exchange.of(channel, Exchange.patient().withOption(GrpcLoadBalancing.tag(Tier.class), Tier.GOLD))
                        .server())
                .isEqualTo("gold1");
        assertThat(Exchange.of(channel, "own", "x").server()).isEqualTo("own1");
        assertThat(ClientCalls.blockingServerStreamingCall(channel, Backend.STREAM, Exchange.patient(), "hello"))
                .toIterable()
                .containsExactly("streams1");
    }

    @Test
    void aClaimOfATokenInTheMetadataLeadsToItsPool() {
        ServerPool rest = pool("rest", 1);
        Router router = Router.of(
                "shop",
                RuleSet.builder()
                        .claims(request -> "Bearer of-an-admin".equals(request.header("authorization"))
                                ? name -> name.equals("role") ? List.of("admin") : List.of()
                                : Claims.NONE)
                        .rule(rule(Condition.claim("role").is("admin"))
                                .to(pool("admin", 1))
                                .build())
                        .otherwise(rest)
                        .build());
        ManagedChannel channel = channel(router);
        assertThat(Exchange.of(channel, "authorization", "Bearer of-an-admin").server())
                .isEqualTo("admin1");
        assertThat(Exchange.of(channel, "authorization", "Bearer forged").server())
                .isEqualTo("rest1");
    }

    @Test
    void aSplitIsSteadyForEachKey() {
        ServerPool stable = pool("stable", 1);
        ManagedChannel channel = channel(router(
                stable,
                rule(Condition.any())
                        .to(Split.by(SplitKey.header("user")).share(80, stable).share(20, pool("canary", 1)))
                        .build()));
        int canary = 0;
        for (int user = 0; user < 200; user++) {
            String first = Exchange.of(channel, "user", "u" + user).server();
            assertThat(Exchange.of(channel, "user", "u" + user).server()).isEqualTo(first);
            canary += first.equals("canary1") ? 1 : 0;
        }
        assertThat(canary).isBetween(20, 60);
    }

    @Test
    void aCallThatMeetsNoRuleFailsWithTheReason() {
        Router router = Router.of(
                "shop",
                RuleSet.builder()
                        .rule(rule(Condition.header("x").isPresent())
                                .to(pool("x", 1))
                                .build())
                        .otherwiseFail()
                        .build());
        ManagedChannel channel = channel(router);
        Status status = failure(channel);
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getDescription()).contains("shop", "none of 1 rules matches", "/test.Echo/Unary");
        assertThat(Exchange.of(channel, "x", "1").server()).isEqualTo("x1");
    }

    private static Status failure(ManagedChannel channel) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> Exchange.of(channel))
                .getStatus();
    }

    @Test
    void aChannelThatCannotBeMadeFailsTheCallAndNotTheCaller() {
        ServerPool pool = pool("rest", 1);
        ManagedChannel channel = opened(GrpcRouting.channel(router(pool), destination -> {
            throw new IllegalStateException("no certificate");
        }));
        assertThat(failure(channel).getDescription()).contains("shop", "no certificate");
    }

    @Test
    void theFallbackAnswersWhileThePoolIsEmptyAndWhileNobodyThereCanBeReached() {
        ServerPool first = pool("first", 1);
        ManagedChannel channel = channel(router(
                first,
                rule(Condition.any()).to(first).fallback(pool("second", 1)).build()));
        assertThat(Exchange.of(channel).server()).isEqualTo("first1");
        first.remove("first1");
        assertThat(Exchange.of(channel).server()).isEqualTo("second1");
        first.add(backends.get("first1").asServer());
        Await.until("the first pool is back", () -> answerOf(channel).equals("first1"));
        backends.get("first1").kill();
        Await.until("the fallback takes over", () -> answerOf(channel).equals("second1"));
        backends.get("first1").restart();
        Await.until("the first pool is back again", () -> answerOf(channel).equals("first1"));
    }

    private static String answerOf(ManagedChannel channel) {
        try {
            return Exchange.of(channel).server();
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().name();
        }
    }

    @Test
    void theFallbackAnswersWhileThePoolIsFull() {
        ServerPool first = ServerPool.builder("first")
                .servers(backend("first1").asServer())
                .healthMonitors(ConcurrencyLimits.fixed(1))
                .build();
        open.add(first);
        ManagedChannel channel = channel(router(
                first,
                rule(Condition.any()).to(first).fallback(pool("second", 1)).build()));
        backends.get("first1").hangs();
        Running holding = Running.begin(channel, Backend.UNARY, Exchange.patient());
        Await.until("the call is there", () -> backends.get("first1").hits() == 1);
        assertThat(Exchange.of(channel).server()).isEqualTo("second1");
        holding.call.cancel("enough", null);
    }

    @Test
    void aDestinationMayBeAViewByTag() {
        Server old = backend("old").asServer();
        Server fresh = backend("fresh").asServer().withTag("version", "2");
        ServerPool pool = pool("shop", List.of(old, fresh));
        PoolView second = pool.view(server -> "2".equals(server.tags().get("version")));
        ManagedChannel channel = channel(router(
                pool, rule(Condition.header("v").is("2")).to(pool, second).build()));
        for (int i = 0; i < 20; i++) {
            assertThat(Exchange.of(channel, "v", "2").server()).isEqualTo("fresh");
        }
        pool.update(List.of(old.withTag("version", "2"), fresh.withTag("version", "3")));
        Await.until(
                "the view has followed",
                () -> Exchange.of(channel, "v", "2").server().equals("old"));
        for (int i = 0; i < 20; i++) {
            assertThat(Exchange.of(channel, "v", "2").server()).isEqualTo("old");
        }
    }

    @Test
    void replacedRulesShutDownTheChannelsTheyNoLongerLeadToOnceTheirCallsAreDone() {
        ServerPool blue = pool("blue", 1);
        ServerPool green = pool("green", 1);
        Map<String, ManagedChannel> made = new HashMap<>();
        Router router = router(blue);
        ManagedChannel channel = opened(GrpcRouting.channel(router, destination -> {
            ManagedChannel one = GrpcLoadBalancing.channelBuilder(
                            destination, InsecureChannelCredentials.create(), GrpcOptions.defaults())
                    .build();
            made.put(destination.pool().name(), one);
            return one;
        }));
        backends.get("blue1").hangs();
        Running running = Running.begin(channel, Backend.UNARY, Exchange.patient());
        Await.until("the call is there", () -> backends.get("blue1").hits() == 1);
        router.replace(RuleSet.builder().otherwise(green).build());
        assertThat(Exchange.of(channel).server()).isEqualTo("green1");
        assertThat(made.get("blue").isShutdown()).isTrue();
        assertThat(made.get("green").isShutdown()).isFalse();
        backends.get("blue1").seen.get(0).reply("blue1");
        assertThat(running.await().isOk()).isTrue();
        Await.until("the channel has ended", () -> made.get("blue").isTerminated());
    }

    @Test
    void noCallFailsWhileTheRulesAreReplacedOverAndOver() {
        ServerPool blue = pool("blue", 1);
        ServerPool green = pool("green", 1);
        Router router = router(blue);
        ManagedChannel channel = channel(router);
        CompletableFuture<Void> replacing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 200; i++) {
                router.replace(
                        RuleSet.builder().otherwise(i % 2 == 0 ? green : blue).build());
                Exchange.of(channel);
            }
        });
        do {
            assertThat(Exchange.of(channel).server()).isIn("blue1", "green1");
        } while (!replacing.isDone());
        replacing.join();
    }

    @Test
    void theDeadlineAndTheRetriesOfACallHoldInThePoolItGoesTo() {
        ServerPool real = pool("real", 3);
        ManagedChannel channel = opened(GrpcRouting.channel(
                router(real),
                destination -> GrpcLoadBalancing.channelBuilder(
                                destination, InsecureChannelCredentials.create(), GrpcOptions.defaults())
                        .defaultServiceConfig(ServiceConfigs.retrying(2))
                        .build()));
        Await.until("all servers answer", () -> {
            answerOf(channel);
            return backends.values().stream().allMatch(backend -> backend.hits() > 0);
        });
        backends.get("real2").fails(Status.UNAVAILABLE);
        for (int i = 0; i < 60; i++) {
            assertThat(answerOf(channel)).isIn("real1", "real3");
        }
        backends.values().forEach(Backend::hangs);
        CallOptions hasty = CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS);
        assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> Exchange.of(channel, hasty))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        Await.until(
                "nothing is in flight",
                () -> real.snapshot().servers().stream().allMatch(server -> server.inFlight() == 0));
    }

    @Test
    void aChannelThatIsShutDownRefusesCallsAndEnds() throws Exception {
        ManagedChannel channel = channel(router(pool("rest", 1)));
        assertThat(Exchange.of(channel).server()).isEqualTo("rest1");
        assertThat(channel.shutdown().isShutdown()).isTrue();
        assertThat(failure(channel).getDescription()).contains("shut down");
        assertThat(channel.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(channel.isTerminated()).isTrue();
    }

    @Test
    void aChannelThatIsShutDownAtOnceEndsItsCalls() {
        ManagedChannel channel = channel(router(pool("rest", 1)));
        backends.get("rest1").hangs();
        Running running = Running.begin(channel, Backend.UNARY, CallOptions.DEFAULT);
        Await.until("the call is there", () -> backends.get("rest1").hits() == 1);
        channel.shutdownNow();
        assertThat(running.await().isOk()).isFalse();
    }

    @Test
    void anIdleChannelHasNoConnections() {
        ManagedChannel channel = channel(router(pool("rest", 1)));
        assertThat(Exchange.of(channel).server()).isEqualTo("rest1");
        channel.enterIdle();
        Await.until("the connection is closed", () -> backends.get("rest1").open.get() == 0);
        assertThat(Exchange.of(channel).server()).isEqualTo("rest1");
    }

    @Test
    void theAuthorityOfTheChannelIsTheHostOfItsCalls() {
        Router router = router(
                pool("rest", 1),
                rule(Condition.host("media.example")).to(pool("media", 1)).build());
        ManagedChannel channel = opened(GrpcRouting.builder(
                        router,
                        destination -> GrpcLoadBalancing.channelBuilder(
                                        destination, InsecureChannelCredentials.create(), GrpcOptions.defaults())
                                .build())
                .authority("media.example")
                .build());
        assertThat(channel.authority()).isEqualTo("media.example");
        assertThat(Exchange.of(channel).server()).isEqualTo("media1");
    }

    @Test
    void aCallThatIsCancelledBeforeItStartsGoesNowhere() {
        ManagedChannel channel = channel(router(pool("rest", 1)));
        Running cancelled = new Running(channel.newCall(Backend.UNARY, Exchange.patient()));
        cancelled.call.cancel("changed my mind", null);
        cancelled.call.start(cancelled, new Metadata());
        assertThat(cancelled.await().getCode()).isEqualTo(Status.Code.CANCELLED);
        assertThat(backends.get("rest1").hits()).isZero();
    }

    /** As on an executor that runs everything at once, or when the network is quicker than the caller. */
    private static final class Hasty implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    super.start(listener, headers);
                    listener.onReady();
                }
            };
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aListenerMayAskForMoreOrCancelBeforeTheStartOfItsCallHasReturned(boolean cancels) {
        ManagedChannel channel = opened(GrpcRouting.channel(
                router(pool("rest", 1)),
                destination -> GrpcLoadBalancing.channelBuilder(
                                destination, InsecureChannelCredentials.create(), GrpcOptions.defaults())
                        .intercept(new Hasty())
                        .build()));
        Running running = new Running(channel.newCall(Backend.UNARY, CallOptions.DEFAULT)) {
            @Override
            public void onReady() {
                call.request(2);
                if (cancels) {
                    call.cancel("at once", null);
                }
            }
        };
        running.call.start(running, new Metadata());
        if (!cancels) {
            running.call.sendMessage("hello");
            running.call.halfClose();
        }
        assertThat(running.await().getCode()).isEqualTo(cancels ? Status.Code.CANCELLED : Status.Code.OK);
    }
}
