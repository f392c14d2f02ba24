package io.lbclient.benchmarks.grpc;

import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** A gRPC server over Netty on the loopback that answers after a while, or says at once that it cannot. */
final class Backend implements AutoCloseable {
    static final MethodDescriptor<String, String> UNARY = MethodDescriptor.<String, String>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("benchmarks.Echo/Unary")
            .setRequestMarshaller(Text.INSTANCE)
            .setResponseMarshaller(Text.INSTANCE)
            .build();

    private final ScheduledExecutorService timer;
    private final LongAdder calls = new LongAdder();
    private final io.grpc.Server server;
    private volatile long delayMicros;
    private volatile boolean broken;

    Backend(ScheduledExecutorService timer, long delayMicros) throws IOException {
        this.timer = timer;
        this.delayMicros = delayMicros;
        this.server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .directExecutor()
                .addService(ServerServiceDefinition.builder("benchmarks.Echo")
                        .addMethod(UNARY, (call, headers) -> begin(call))
                        .build())
                .build()
                .start();
    }

    private ServerCall.Listener<String> begin(ServerCall<String, String> call) {
        calls.increment();
        call.request(2);
        return new ServerCall.Listener<>() {
            @Override
            public void onHalfClose() {
                if (broken) {
                    call.close(Status.UNAVAILABLE.withDescription("broken"), new Metadata());
                } else {
                    var unused = timer.schedule(() -> reply(call), delayMicros, TimeUnit.MICROSECONDS);
                }
            }
        };
    }

    private static void reply(ServerCall<String, String> call) {
        call.sendHeaders(new Metadata());
        call.sendMessage("hello");
        call.close(Status.OK, new Metadata());
    }

    void takes(long micros) {
        delayMicros = micros;
    }

    void breaks() {
        broken = true;
    }

    /** Of calls that it was sent, retries included. */
    long calls() {
        return calls.sum();
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private enum Text implements MethodDescriptor.Marshaller<String> {
        INSTANCE;

        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
