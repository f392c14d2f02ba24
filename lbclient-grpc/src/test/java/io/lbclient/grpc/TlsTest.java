package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.lbclient.HealthState;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which name a server has to have a certificate for. */
class TlsTest {
    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static io.grpc.ServerCredentials service;
    private static io.grpc.ServerCredentials one;
    private static io.grpc.ServerCredentials two;

    @BeforeAll
    static void makeCertificates() {
        certificates = new Certificates(folder);
        service = certificates.serverOf("orders");
        one = certificates.serverOf("b1.example");
        two = certificates.serverOf("b2.example");
    }

    private static Backend backend(String name, io.grpc.ServerCredentials credentials) {
        return new Backend(name, credentials, builder -> builder);
    }

    /** Which servers answer out of many calls; "UNAVAILABLE" stands for those that failed. */
    private static Set<String> answers(ManagedChannel channel, int calls) {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < calls; i++) {
            try {
                names.add(ClientCalls.blockingUnaryCall(
                        channel, Backend.UNARY, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), "hello"));
            } catch (StatusRuntimeException e) {
                names.add(e.getStatus().getCode().name());
            }
        }
        return names;
    }

    private static ManagedChannel channel(
            ServerPool pool,
            ChannelCredentials credentials,
            GrpcOptions options,
            UnaryOperator<ManagedChannelBuilder<?>> settings) {
        return settings.apply(GrpcLoadBalancing.channelBuilder(pool, credentials, options))
                .build();
    }

    @Test
    void allServersHaveTheServicesCertificateUnlessToldOtherwise() {
        try (Backend a = backend("a", service);
                Backend b = backend("b", service);
                ServerPool pool = ServerPool.builder("orders")
                        .servers(a.asServer(), b.asServer())
                        .build()) {
            ManagedChannel channel =
                    channel(pool, certificates.trusting("orders"), GrpcOptions.defaults(), builder -> builder);
            Await.until("both answer", () -> answers(channel, 10).equals(Set.of("a", "b")));
            assertThat(a.seen.get(0).call().getAuthority()).isEqualTo("orders");
            channel.shutdownNow();
        }
    }

    @Test
    void eachServerMayHaveACertificateOfItsOwn() {
        Map<String, String> names = Map.of("a", "b1.example", "b", "b2.example");
        try (Backend a = backend("a", one);
                Backend b = backend("b", two);
                ServerPool pool = ServerPool.builder("orders")
                        .servers(a.asServer(), b.asServer())
                        .build()) {
            GrpcOptions options = GrpcOptions.builder()
                    .authority(server -> names.get(server.id()))
                    .build();
            ManagedChannel channel =
                    channel(pool, certificates.trusting("b1.example", "b2.example"), options, builder -> builder);
            Await.until("both answer", () -> answers(channel, 10).equals(Set.of("a", "b")));
            assertThat(a.seen.get(0).call().getAuthority()).isEqualTo("b1.example");
            assertThat(b.seen.get(0).call().getAuthority()).isEqualTo("b2.example");
            channel.shutdownNow();

            ManagedChannel overridden = channel(
                    pool,
                    certificates.trusting("b1.example", "b2.example"),
                    options,
                    builder -> builder.overrideAuthority("b1.example"));
            Await.until("the builder's word wins", () -> answers(overridden, 10).equals(Set.of("a")));
            overridden.shutdownNow();
        }
    }

    @Test
    void anotherAuthorityOfAServerMakesANewConnection() {
        try (Backend a = backend("a", one);
                ServerPool pool = ServerPool.builder("orders")
                        .servers(a.asServer().withTag("name", "b2.example"))
                        .build()) {
            GrpcOptions options = GrpcOptions.builder()
                    .authority(server -> server.tags().get("name"))
                    .build();
            ManagedChannel channel = channel(pool, certificates.trusting("b1.example"), options, builder -> builder);
            assertThat(answers(channel, 1)).containsExactly("UNAVAILABLE");
            pool.add(a.asServer().withTag("name", "b1.example"));
            Await.until("it answers under its name", () -> answers(channel, 1).equals(Set.of("a")));
            channel.shutdownNow();
        }
    }

    /** Incident I16: an address is taken over by a server of another service. */
    @Test
    void incidentI16AServerWithAnotherServicesCertificateIsEjectedAndGetsNoRequest() {
        try (Backend right = backend("right", service);
                Backend wrong = backend("wrong", one);
                ServerPool pool = ServerPool.builder("orders")
                        .servers(right.asServer(), wrong.asServer())
                        .build()) {
            ManagedChannel channel = channel(
                    pool, certificates.trusting("orders", "b1.example"), GrpcOptions.defaults(), builder -> builder);
            assertThat(answers(channel, 1)).isSubsetOf("right");
            Await.until("it is ejected", () -> pool.snapshot().servers().get(1).state() == HealthState.EJECTED);
            assertThat(answers(channel, 100)).containsExactly("right");
            assertThat(wrong.hits()).isZero();

            // And one that is moved while the pool runs.
            Server moved = Server.of("127.0.0.1", wrong.port()).withId("right");
            pool.update(java.util.List.of(moved));
            Await.until("nobody is left", () -> answers(channel, 1).equals(Set.of("UNAVAILABLE")));
            assertThat(wrong.hits()).isZero();
            channel.shutdownNow();
        }
    }
}
