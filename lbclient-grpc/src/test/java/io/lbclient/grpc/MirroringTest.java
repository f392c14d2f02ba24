package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.lbclient.ServerPool;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Destination;
import io.lbclient.routing.Router;
import org.junit.jupiter.api.Test;

/** Copies of calls for a shadow pool. */
class MirroringTest extends RoutedPools {
    @Test
    void unaryCallsAreMirroredAndTheirAnswersAreDropped() {
        ServerPool real = pool("real", 1);
        ServerPool shadow = pool("shadow", 1);
        backends.get("shadow1").fails(Status.INTERNAL);
        ManagedChannel channel = channel(
                router(real, rule(Condition.any()).to(real).mirror(1, shadow).build()));
        for (int i = 0; i < 10; i++) {
            assertThat(Exchange.of(channel, "user", "u" + i).server()).isEqualTo("real1");
        }
        Await.until("the copies are there", () -> backends.get("shadow1").hits() == 10);
        assertThat(backends.get("shadow1").seen)
                .allSatisfy(call -> assertThat(call.request()).isEqualTo("hello"))
                .extracting(call -> call.headers().get(Exchange.key("user")))
                .containsExactlyInAnyOrder("u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9");
        assertThat(ClientCalls.blockingServerStreamingCall(channel, Backend.STREAM, Exchange.patient(), "hello"))
                .toIterable()
                .containsExactly("real1");
        assertThat(Exchange.of(channel, "user", "last").server()).isEqualTo("real1");
        Await.until("the last copy is there", () -> backends.get("shadow1").hits() == 11);
        assertThat(backends.get("shadow1").seen)
                .extracting(call -> call.call().getMethodDescriptor().getFullMethodName())
                .containsOnly("test.Echo/Unary");
    }

    @Test
    void aShadowThatHangsHoldsNoMoreCopiesThanAllowed() {
        ServerPool real = pool("real", 1);
        ServerPool shadow = pool("shadow", 1);
        backends.get("shadow1").hangs();
        Router router =
                router(real, rule(Condition.any()).to(real).mirror(1, shadow).build());
        ManagedChannel channel = opened(
                GrpcRouting.builder(router, MirroringTest::open).mirrors(2).build());
        for (int i = 0; i < 20; i++) {
            assertThat(Exchange.of(channel).server()).isEqualTo("real1");
        }
        Await.until("the copies are there", () -> backends.get("shadow1").hits() == 2);
        backends.get("shadow1").works();
        backends.get("shadow1").seen.forEach(call -> call.reply("shadow1"));
        Await.until("copies are sent again", () -> {
            Exchange.of(channel);
            return backends.get("shadow1").hits() > 4;
        });
    }

    private static ManagedChannel open(Destination destination) {
        return GrpcLoadBalancing.channelBuilder(
                        destination, InsecureChannelCredentials.create(), GrpcOptions.defaults())
                .build();
    }

    @Test
    void aCancelledCallIsNotMirrored() {
        ServerPool real = pool("real", 1);
        ServerPool shadow = pool("shadow", 1);
        ManagedChannel channel = channel(
                router(real, rule(Condition.any()).to(real).mirror(1, shadow).build()));
        backends.get("real1").hangs();
        Running cancelled = Running.begin(channel, Backend.UNARY, Exchange.patient(), "user", "cancelled");
        Await.until("the call is there", () -> backends.get("real1").hits() == 1);
        cancelled.call.cancel("enough", null);
        cancelled.await();
        backends.get("real1").works();
        Exchange.of(channel, "user", "next");
        Await.until("the next copy is there", () -> backends.get("shadow1").hits() == 1);
        assertThat(backends.get("shadow1").seen.get(0).headers().get(Exchange.key("user")))
                .isEqualTo("next");
    }
}
