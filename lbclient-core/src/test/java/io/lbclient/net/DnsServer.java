package io.lbclient.net;

import io.lbclient.Server;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers every DNS question of type A with one address (RFC 1035); can be silent, refuse (SERVFAIL), die and come back. */
final class DnsServer implements AutoCloseable {
    private static final int SERVFAIL = 2;

    private final byte[] address;
    private final int port;
    private final AtomicInteger asked = new AtomicInteger();
    private final Set<Integer> clients = ConcurrentHashMap.newKeySet();
    private volatile DatagramSocket socket;
    private volatile Thread serving;
    private volatile boolean silent;
    private volatile int rcode;

    DnsServer(String address) throws IOException {
        this.address = InetAddress.getByName(address).getAddress();
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        port = socket.getLocalPort();
        serve(socket);
    }

    Server server() {
        return Server.of("127.0.0.1", port);
    }

    int asked() {
        return asked.get();
    }

    /** How many source ports have asked. */
    int clients() {
        return clients.size();
    }

    void silent(boolean on) {
        silent = on;
    }

    void servfail(boolean on) {
        rcode = on ? SERVFAIL : 0;
    }

    /** Nobody listens when this returns: while its thread is still in the kernel, packets to it would just vanish. */
    void kill() throws IOException {
        socket.close();
        try {
            serving.join(30_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        keepPort();
    }

    /** Or a client's socket may get the port, for as long as it likes. One that hears only itself is no listener. */
    private void keepPort() throws IOException {
        InetSocketAddress own = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        socket = new DatagramSocket(own);
        socket.connect(own);
    }

    void comeBack() throws IOException {
        socket.close();
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        serve(socket);
    }

    private void serve(DatagramSocket from) {
        Thread thread = new Thread(
                () -> {
                    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                    while (!from.isClosed()) {
                        try {
                            packet.setLength(512);
                            from.receive(packet);
                            asked.incrementAndGet();
                            clients.add(packet.getPort());
                            if (!silent) {
                                byte[] answer = answer(packet);
                                from.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                            }
                        } catch (SocketException e) {
                            // Killed, or the client has gone: the loop finds out which.
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }
                },
                "test-dns");
        thread.setDaemon(true);
        serving = thread;
        thread.start();
    }

    private byte[] answer(DatagramPacket question) {
        ByteBuffer answer = ByteBuffer.allocate(question.getLength() + 16);
        answer.put(question.getData(), 0, question.getLength());
        // A response, recursion available, with the code; one answer unless it failed.
        answer.put(2, (byte) 0x81).put(3, (byte) (0x80 | rcode));
        if (rcode == 0) {
            answer.putShort(6, (short) 1);
            // The name is that of the question; type A, class IN, 60 s.
            answer.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1);
            answer.putInt(60).putShort((short) 4).put(address);
        }
        byte[] bytes = new byte[answer.position()];
        answer.flip().get(bytes);
        return bytes;
    }

    static byte[] question(int id, String name) {
        ByteBuffer question = ByteBuffer.allocate(512);
        question.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
        question.putShort((short) 0).putInt(0);
        for (String label : name.split("\\.")) {
            question.put((byte) label.length()).put(label.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        question.put((byte) 0).putShort((short) 1).putShort((short) 1);
        byte[] bytes = new byte[question.position()];
        question.flip().get(bytes);
        return bytes;
    }

    /** The address in the last four bytes. */
    static String address(byte[] answer) throws IOException {
        return InetAddress.getByAddress(java.util.Arrays.copyOfRange(answer, answer.length - 4, answer.length))
                .getHostAddress();
    }

    static int id(byte[] message) {
        return ByteBuffer.wrap(message).getShort() & 0xffff;
    }

    static boolean isGood(byte[] answer) {
        return answer.length > 12 && (answer[3] & 0xf) == 0;
    }

    @Override
    public void close() throws IOException {
        kill();
        socket.close();
    }
}
