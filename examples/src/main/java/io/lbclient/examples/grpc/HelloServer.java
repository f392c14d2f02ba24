package io.lbclient.examples.grpc;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.lbclient.examples.shared.Lifeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server in a process of its own. It says goodbye to its clients (GOAWAY) and ends when its standard input says
 * {@code stop}, and ends at once when that ends.
 */
public final class HelloServer {
    static final String STOP = "stop";
    private static final long GOODBYE_SECONDS = 10;

    private HelloServer() {}

    /**
     * Serves until it is told to stop.
     *
     * @param args the server's name, and the port
     * @throws IOException if the port cannot be had
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Lifeline lifeline = Lifeline.watch();
        String name = args[0];
        Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])))
                .addService(ServerServiceDefinition.builder(Hello.SERVICE)
                        .addMethod(Hello.METHOD, ServerCalls.asyncUnaryCall((request, answer) -> {
                            answer.onNext(name);
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        lifeline.hold(stop -> sayGoodbye(server));
    }

    private static void sayGoodbye(Server server) {
        try {
            boolean unused = server.shutdown().awaitTermination(GOODBYE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
