package io.lbclient.grpc;

import io.grpc.Attributes;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.lbclient.Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A real gRPC server over Netty that answers with its name unless told otherwise, and remembers what it saw. */
final class Backend implements AutoCloseable {
    static final MethodDescriptor<String, String> UNARY = method(MethodDescriptor.MethodType.UNARY, "Unary");
    static final MethodDescriptor<String, String> STREAM =
            method(MethodDescriptor.MethodType.SERVER_STREAMING, "Stream");
    static final MethodDescriptor<String, String> BIDI = method(MethodDescriptor.MethodType.BIDI_STREAMING, "Bidi");

    /** What a server does with a call once its request is complete. */
    @FunctionalInterface
    interface Answer {
        void to(Seen call);
    }

    /** One call as the server sees it. */
    record Seen(Backend backend, ServerCall<String, String> call, Metadata headers, String request) {
        void reply(String message) {
            call.sendHeaders(new Metadata());
            call.sendMessage(message);
            call.close(Status.OK, new Metadata());
        }

        void fail(Status status) {
            call.close(status, new Metadata());
        }
    }

    final String name;
    final List<Seen> seen = new CopyOnWriteArrayList<>();
    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    private final UnaryOperator<NettyServerBuilder> settings;
    private final ServerCredentials credentials;
    private volatile Answer answer = call -> call.reply(name());
    private io.grpc.Server server;
    private final int port;

    Backend(String name) {
        this(name, InsecureServerCredentials.create(), builder -> builder);
    }

    Backend(String name, ServerCredentials credentials, UnaryOperator<NettyServerBuilder> settings) {
        this.name = name;
        this.credentials = credentials;
        this.settings = settings;
        start(0);
        port = server.getPort();
    }

    private static MethodDescriptor<String, String> method(MethodDescriptor.MethodType type, String name) {
        return MethodDescriptor.<String, String>newBuilder()
                .setType(type)
                .setFullMethodName("test.Echo/" + name)
                .setRequestMarshaller(Text.INSTANCE)
                .setResponseMarshaller(Text.INSTANCE)
                .build();
    }

    enum Text implements MethodDescriptor.Marshaller<String> {
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

    private String name() {
        return name;
    }

    private void start(int onPort) {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress("127.0.0.1", onPort), credentials)
                .addService(services())
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        connections.incrementAndGet();
                        open.incrementAndGet();
                        return attributes;
                    }

                    @Override
                    public void transportTerminated(Attributes attributes) {
                        open.decrementAndGet();
                    }
                });
        io.grpc.Server next = settings.apply(builder).build();
        // The port of a server that was just killed may not be free at once.
        Await.until("the port of " + name + " is free", () -> {
            try {
                next.start();
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        server = next;
    }

    private ServerServiceDefinition services() {
        return ServerServiceDefinition.builder("test.Echo")
                .addMethod(UNARY, this::begin)
                .addMethod(STREAM, this::begin)
                .addMethod(BIDI, this::begin)
                .build();
    }

    private ServerCall.Listener<String> begin(ServerCall<String, String> call, Metadata headers) {
        call.request(Integer.MAX_VALUE);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(String message) {
                Seen one = new Seen(Backend.this, call, headers, message);
                seen.add(one);
                answer.to(one);
            }

            @Override
            public void onCancel() {
                cancelled.incrementAndGet();
            }
        };
    }

    Backend answers(Answer next) {
        answer = next;
        return this;
    }

    Backend fails(Status status) {
        return answers(call -> call.fail(status));
    }

    /** It takes calls and never answers. */
    Backend hangs() {
        return answers(call -> {});
    }

    /** It answers with its name, and does not end the call. */
    Backend begins() {
        return answers(call -> {
            call.call().sendHeaders(new Metadata());
            call.call().sendMessage(name);
        });
    }

    Backend works() {
        return answers(call -> call.reply(name));
    }

    /** All connections break at once. */
    void kill() {
        server.shutdownNow();
        awaitEnd();
    }

    /** With GOAWAY, and an end to running calls. */
    void stop() {
        server.shutdown();
    }

    void awaitEnd() {
        try {
            if (!server.awaitTermination(20, TimeUnit.SECONDS)) {
                throw new AssertionError(name + " did not end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void restart() {
        start(port);
    }

    int port() {
        return port;
    }

    int hits() {
        return seen.size();
    }

    Server asServer() {
        return Server.of("127.0.0.1", port).withId(name);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
