package io.lbclient.benchmarks;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.net.BalancedSocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Locale;
import javax.net.SocketFactory;

/**
 * What a balanced socket costs beside a plain one: the time to connect, and the throughput of 64 KiB blocks. Both kinds
 * take turns in one run, so that whatever else the machine does hits both.
 */
public final class SocketCost {
    private static final int BLOCK = 64 * 1024;
    private static final int BLOCKS = 1024;
    private static final int ROUNDS = 151;
    private static final int CONNECTS = 2000;

    private SocketCost() {}

    /**
     * Prints the figures.
     *
     * @param args none
     * @throws IOException if the loopback fails
     */
    public static void main(String[] args) throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
                ServerPool pool = ServerPool.builder("sink")
                        .servers(
                                Server.of("127.0.0.1", listening.getLocalPort()),
                                Server.of("127.0.0.1", listening.getLocalPort()).withId("same"))
                        .balancer(Balancers.leastRequests())
                        .build();
                BalancedSocketFactory balanced = BalancedSocketFactory.of(pool)) {
            start(() -> accept(listening));
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
            SocketFactory plain = SocketFactory.getDefault();
            throughputs(plain, balanced, address);
            connects(plain, balanced, address);
        }
    }

    private static void throughputs(SocketFactory plain, SocketFactory balanced, InetSocketAddress address)
            throws IOException {
        double[] ratios = new double[ROUNDS];
        double[] speeds = new double[ROUNDS];
        for (int round = -20; round < ROUNDS; round++) {
            double first = throughput(plain, address);
            double second = throughput(balanced, address);
            double third = throughput(balanced, address);
            double fourth = throughput(plain, address);
            if (round >= 0) {
                ratios[round] = (second + third) / (first + fourth);
                speeds[round] = (first + fourth) / 2;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "throughput: plain %.0f MiB/s, balanced/plain %.3f (median of %d rounds; half of them %.3f to %.3f)%n",
                median(speeds),
                median(ratios),
                ROUNDS,
                quantile(ratios, 0.25),
                quantile(ratios, 0.75));
    }

    private static void connects(SocketFactory plain, SocketFactory balanced, InetSocketAddress address)
            throws IOException {
        double[] plains = new double[CONNECTS];
        double[] balanceds = new double[CONNECTS];
        for (int i = -CONNECTS; i < CONNECTS; i++) {
            double first = connect(plain, address);
            double second = connect(balanced, address);
            if (i >= 0) {
                plains[i] = first;
                balanceds[i] = second;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "connect and close: plain %.1f us, balanced %.1f us, difference %.1f us (medians of %d)%n",
                median(plains),
                median(balanceds),
                median(balanceds) - median(plains),
                CONNECTS);
    }

    private static double median(double[] values) {
        return quantile(values, 0.5);
    }

    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) (sorted.length * share)];
    }

    /** In MiB a second. */
    private static double throughput(SocketFactory factory, InetSocketAddress address) throws IOException {
        byte[] block = new byte[BLOCK];
        try (Socket socket = factory.createSocket()) {
            socket.connect(address, 5000);
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            long start = System.nanoTime();
            for (int i = 0; i < BLOCKS; i++) {
                out.write(block);
            }
            socket.shutdownOutput();
            // The other end says that it has read all.
            if (in.read() < 0) {
                throw new IOException("the sink did not answer");
            }
            return (double) BLOCK * BLOCKS / (1 << 20) / ((System.nanoTime() - start) / 1e9);
        }
    }

    /** In microseconds. */
    private static double connect(SocketFactory factory, InetSocketAddress address) throws IOException {
        long start = System.nanoTime();
        try (Socket socket = factory.createSocket()) {
            socket.connect(address, 5000);
        }
        return (System.nanoTime() - start) / 1e3;
    }

    private static void accept(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                start(() -> swallow(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void swallow(Socket socket) {
        byte[] buffer = new byte[BLOCK];
        try (socket) {
            InputStream in = socket.getInputStream();
            long count = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                count += n;
            }
            if (count > 0) {
                socket.getOutputStream().write(1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "sink");
        thread.setDaemon(true);
        thread.start();
    }
}
