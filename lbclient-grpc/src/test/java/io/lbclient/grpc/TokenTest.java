package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.lbclient.session.SessionAffinity;
import io.lbclient.session.SessionAffinityBuilder;
import io.lbclient.session.SessionCarrier;
import io.lbclient.session.TokenKeys;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Where the token of a session is put into what the caller gets. */
class TokenTest {
    private static final Metadata.Key<String> TOKEN = Exchange.key("x-lb");

    private final TokenKeys keys = TokenKeys.of(new byte[32]);

    private static Cluster cluster(int size, UnaryOperator<SessionAffinityBuilder> ways) {
        return Cluster.of(
                size,
                builder -> builder.balancer(Cluster.IN_ORDER)
                        .affinity(ways.apply(SessionAffinity.builder()).build()));
    }

    /** A call whose headers and trailers are kept. */
    private static final class Kept extends Running {
        private volatile Metadata headers = new Metadata();
        private volatile Metadata trailers = new Metadata();

        private Kept(ClientCall<String, String> call) {
            super(call);
        }

        static Kept stream(Channel channel, CallOptions options) {
            Kept kept = new Kept(channel.newCall(Backend.STREAM, options));
            kept.call.start(kept, new Metadata());
            kept.call.request(Integer.MAX_VALUE);
            kept.call.sendMessage("hello");
            kept.call.halfClose();
            return kept;
        }

        @Override
        public void onHeaders(Metadata first) {
            headers = first;
        }

        @Override
        public void onClose(Status status, Metadata last) {
            trailers = last;
            super.onClose(status, last);
        }
    }

    @Test
    void aStreamHasItInItsHeadersAndNotOnceMoreInItsTrailers() {
        try (Cluster cluster = cluster(1, ways -> ways.header("x-lb", keys))) {
            Kept stream = Kept.stream(cluster.channel, Exchange.patient());
            assertThat(stream.await().isOk()).isTrue();
            assertThat(stream.headers.get(TOKEN)).isNotNull();
            assertThat(stream.trailers.get(TOKEN)).isNull();
        }
    }

    @Test
    void itTakesThePlaceOfWhatTheServerHasPutThere() {
        try (Cluster cluster = cluster(1, ways -> ways.header("x-lb", keys))) {
            cluster.backend(0).answers(call -> {
                call.call().sendHeaders(new Metadata());
                call.call().sendMessage("a");
                call.call().close(Status.OK, Exchange.metadata("x-lb", "the server's own"));
            });
            assertThat(Exchange.of(cluster.channel).trailers().getAll(TOKEN))
                    .singleElement()
                    .isNotEqualTo("the server's own");
        }
    }

    @Test
    void aCookieIsForTheCarrierOnly() {
        try (Cluster cluster = cluster(1, ways -> ways.cookie("x-lb", keys))) {
            SessionCarrier carrier = new SessionCarrier(null);
            CallOptions options = Exchange.patient().withOption(GrpcLoadBalancing.tag(SessionCarrier.class), carrier);
            assertThat(Exchange.of(cluster.channel, options).trailer("x-lb")).isNull();
            assertThat(carrier.issued()).isNotNull();
            assertThat(Exchange.of(cluster.channel).trailer("x-lb")).isNull();
        }
    }

    @Test
    void ofAHedgedStreamTheServerThatHasBegunToAnswerHasTheSession() {
        try (Cluster cluster = cluster(2, ways -> ways.header("x-lb", keys))) {
            cluster.connect(GrpcOptions.defaults(), b -> b.defaultServiceConfig(ServiceConfigs.hedging(2, "0.05s")));
            cluster.awaitAnswersOfAll();
            int before = cluster.backend(1).hits();
            cluster.backend(1).hangs();
            cluster.backend(0).answers(call -> {
                Await.until("the hedge is there", () -> cluster.backend(1).hits() > before);
                call.reply("a");
            });
            Kept stream = Kept.stream(cluster.channel, Exchange.patient());
            assertThat(stream.await().isOk()).isTrue();
            assertThat(stream.messages).containsExactly("a");
            assertThat(stream.headers.get(TOKEN)).isNotNull();
        }
    }

    /** As some agents do: what the caller gets is not what came from the stream. */
    private static final class Copying implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata sent) {
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onHeaders(Metadata headers) {
                                    Metadata copy = new Metadata();
                                    copy.merge(headers);
                                    super.onHeaders(copy);
                                }
                            },
                            sent);
                }
            };
        }
    }

    @Test
    void headersThatWereCopiedOnTheWayHaveItToo() {
        try (Cluster cluster = cluster(1, ways -> ways.header("x-lb", keys))) {
            ManagedChannel channel = GrpcLoadBalancing.bind(
                            NettyChannelBuilder.forTarget("lbclient:///orders", InsecureChannelCredentials.create())
                                    .intercept(List.of(new Copying())),
                            cluster.pool)
                    .build();
            try {
                Kept stream = Kept.stream(channel, Exchange.patient());
                assertThat(stream.await().isOk()).isTrue();
                assertThat(stream.headers.get(TOKEN)).isNotNull();
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
