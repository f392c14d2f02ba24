package io.lbclient.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.lbclient.Candidate;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.PoolView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is made of what gRPC tells of a stream, in an order that tests with real streams cannot choose. */
class GrpcCallTest {
    private final AtomicLong clock = new AtomicLong();
    private final List<String> endings = new ArrayList<>();
    private final ServerPool pool = ServerPool.builder("orders")
            .servers(Server.of("10.0.0.1", 1))
            .ticker(clock::get)
            .healthMonitors(new Recorder())
            .build();
    private final PoolView view = pool.view(server -> true);

    @AfterEach
    void close() {
        pool.close();
    }

    private final class Recorder implements HealthMonitor {
        @Override
        public Watch start(MonitoredPool monitored) {
            return new Watch() {
                @Override
                public OutcomeObserver joined(Candidate server) {
                    return (outcome, latencyNanos, trial) -> endings.add(outcome + " after " + latencyNanos);
                }

                @Override
                public void close() {}
            };
        }
    }

    private GrpcCall call(MethodDescriptor<?, ?> method) {
        CallView seen = new CallView(GrpcOptions.defaults(), method, CallOptions.DEFAULT, null, null);
        return new GrpcCall(GrpcOptions.defaults(), new Guard("orders"), seen, null);
    }

    private StreamAttempt pick(GrpcCall call) {
        return call.pick(view, new PickArgs(call));
    }

    private StreamAttempt sent(GrpcCall call) {
        StreamAttempt stream = pick(call);
        assertThat(call.claim()).isSameAs(stream);
        stream.outboundHeaders();
        return stream;
    }

    @Test
    void aCallThatIsOverBeforeItsStreamWasSentHasSentNothing() {
        GrpcCall call = call(Backend.UNARY);
        StreamAttempt stream = pick(call);
        assertThat(call.claim()).isSameAs(stream);
        call.finish();
        stream.streamClosed(Status.CANCELLED);
        assertThat(endings).singleElement().asString().startsWith("NOT_SENT");
    }

    @Test
    void aCallThatIsOverBeforeItsStreamHasEndedIsCancelled() {
        GrpcCall call = call(Backend.UNARY);
        StreamAttempt stream = sent(call);
        call.finish();
        stream.streamClosed(Status.UNAVAILABLE);
        assertThat(endings).singleElement().asString().startsWith("CANCELLED");
    }

    @Test
    void aPickOfAnotherThreadIsThatThreadsToClaim() {
        GrpcCall call = call(Backend.UNARY);
        CompletableFuture.runAsync(() -> pick(call)).join();
        assertThat(call.claim()).isNull();
        StreamAttempt own = pick(call);
        assertThat(call.claim()).isSameAs(own);
    }

    @Test
    void theLatencyOfOneAnswerIsThatOfItsEndAndThatOfManyIsThatOfTheirBeginning() {
        for (MethodDescriptor<?, ?> method : List.of(Backend.UNARY, Backend.STREAM)) {
            StreamAttempt stream = sent(call(method));
            clock.addAndGet(1024);
            stream.inboundHeaders(new Metadata());
            clock.addAndGet(1024);
            stream.inboundTrailers(new Metadata());
            stream.streamClosed(Status.OK);
        }
        assertThat(endings).containsExactly("SUCCESS after 2048", "SUCCESS after 1024");
    }

    @Test
    void exhaustionWithoutTrailersIsThisSidesOwnAndSaysNothing() {
        sent(call(Backend.UNARY)).streamClosed(Status.RESOURCE_EXHAUSTED);
        StreamAttempt refused = sent(call(Backend.UNARY));
        refused.inboundTrailers(new Metadata());
        refused.streamClosed(Status.RESOURCE_EXHAUSTED);
        assertThat(endings)
                .extracting(ending -> ending.replaceAll(" .*", ""))
                .containsExactly("CANCELLED", "OVERLOADED");
    }
}
