package io.lbclient.dns.test;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A real DNS server on a free port of the loopback interface, over UDP and TCP, whose records and faults can be changed
 * while it runs. Safe for use by many threads.
 */
public final class LocalDns implements AutoCloseable {
    /** What it does wrong. */
    public enum Fault {
        /** Nothing. */
        NONE,
        /** Every answer is SERVFAIL. */
        SERVFAIL,
        /** No name exists. */
        NXDOMAIN,
        /** Every name exists and has no records. */
        EMPTY,
        /** No question is answered. */
        SILENT,
        /** Answers over UDP are cut, so that the client has to ask over TCP. */
        TRUNCATED
    }

    private static final Logger LOG = LoggerFactory.getLogger(LocalDns.class);
    /** Below those that Linux gives out by itself, so that nobody's question sits there when it starts again. */
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 32_000;
    private static final int PLAIN_UDP = 512;

    private final Map<String, List<Record>> records = new ConcurrentHashMap<>();
    private final AtomicInteger overTcp = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Fault fault = Fault.NONE;
    private volatile @Nullable DatagramSocket udp;
    private volatile @Nullable Thread reader;
    private final ServerSocket tcp;

    /**
     * Starts it.
     *
     * @throws IOException if no port is free
     */
    public LocalDns() throws IOException {
        tcp = listen();
        run("dns-tcp", this::answerStreams);
        start();
    }

    private static ServerSocket listen() throws IOException {
        while (true) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            // The port is needed for both.
            try (DatagramSocket free =
                    new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), candidate))) {
                return new ServerSocket(candidate, 0, free.getLocalAddress());
            } catch (BindException e) {
                LOG.trace("somebody has {}", candidate, e);
            }
        }
    }

    /**
     * Starts it again, on the port that it had.
     *
     * @throws IOException if somebody else has the port
     */
    public void start() throws IOException {
        DatagramSocket datagrams = new DatagramSocket(address());
        udp = datagrams;
        reader = run("dns-udp", () -> answerDatagrams(datagrams));
    }

    /**
     * Stops it: no question is answered. The port is kept for TCP, lest somebody else get it, and who connects is turned
     * away.
     */
    public void stop() {
        DatagramSocket datagrams = udp;
        Thread reading = reader;
        udp = null;
        if (datagrams != null && reading != null) {
            datagrams.close();
            // Until then the system keeps the port.
            joinQuietly(reading);
        }
    }

    @Override
    public void close() throws IOException {
        stop();
        tcp.close();
    }

    /**
     * Returns where it listens.
     *
     * @return the address, the same for UDP and TCP
     */
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.getLocalPort());
    }

    /**
     * Lets something go wrong from now on.
     *
     * @param next what
     */
    public void fault(Fault next) {
        fault = next;
    }

    /**
     * Returns how many questions were asked over TCP.
     *
     * @return the number
     */
    public int askedOverTcp() {
        return overTcp.get();
    }

    /**
     * Returns how many questions were asked.
     *
     * @return the number
     */
    public int asked() {
        return asked.get();
    }

    /**
     * Replaces the records of a name and type.
     *
     * @param name the full name
     * @param type such as {@link Type#A}
     * @param ttlSeconds their TTL
     * @param data what each has, in the form of a zone file
     */
    public void put(String name, int type, long ttlSeconds, String... data) {
        records.put(key(name(name), type), Arrays.stream(data)
                .map(text -> record(name(name), type, ttlSeconds, text))
                .toList());
    }

    private static Record record(Name name, int type, long ttlSeconds, String text) {
        try {
            return Record.fromString(name, type, DClass.IN, ttlSeconds, text, Name.root);
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static Name name(String text) {
        return Name.fromConstantString(text.endsWith(".") ? text : text + ".");
    }

    private static String key(Name name, int type) {
        return name.canonicalize() + " " + Type.string(type);
    }

    private static Thread run(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answerDatagrams(DatagramSocket socket) {
        byte[] buffer = new byte[4096];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()), true);
                if (answer.length > 0) {
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                LOG.trace("closed, or a question that is none", e);
            }
        }
    }

    private void answerStreams() {
        while (!tcp.isClosed()) {
            try {
                Socket client = tcp.accept();
                run("dns-tcp-client", () -> answerStream(client));
            } catch (IOException e) {
                LOG.trace("closed", e);
            }
        }
    }

    private void answerStream(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            while (udp != null) {
                byte[] question = in.readNBytes(in.readUnsignedShort());
                overTcp.incrementAndGet();
                byte[] answer = answer(question, false);
                if (answer.length > 0) {
                    out.writeShort(answer.length);
                    out.write(answer);
                    out.flush();
                }
            }
        } catch (IOException e) {
            LOG.trace("the client has closed", e);
        }
    }

    private byte[] answer(byte[] question, boolean datagram) throws IOException {
        Message query = new Message(question);
        asked.incrementAndGet();
        Fault now = fault;
        Record asked = query.getQuestion();
        if (now == Fault.SILENT || asked == null) {
            return new byte[0];
        }
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(asked, Section.QUESTION);
        answer.getHeader().setRcode(code(now, asked));
        if (now == Fault.NONE || now == Fault.TRUNCATED) {
            fill(answer, asked);
        }
        int most = !datagram ? 65_535 : query.getOPT() == null ? PLAIN_UDP : query.getOPT().getPayloadSize();
        if (now == Fault.TRUNCATED && datagram) {
            answer.removeAllRecords(Section.ANSWER);
            answer.getHeader().setFlag(Flags.TC);
        }
        return answer.toWire(most);
    }

    private int code(Fault now, Record asked) {
        return switch (now) {
            case SERVFAIL -> Rcode.SERVFAIL;
            case NXDOMAIN -> Rcode.NXDOMAIN;
            case EMPTY -> Rcode.NOERROR;
            default -> exists(asked.getName()) ? Rcode.NOERROR : Rcode.NXDOMAIN;
        };
    }

    private boolean exists(Name name) {
        return records.keySet().stream().anyMatch(key -> key.startsWith(name.canonicalize() + " "));
    }

    /** With what an alias leads to, as a recursive resolver does. */
    private void fill(Message answer, Record asked) {
        Name name = asked.getName();
        for (int aliases = 0; aliases < 8; aliases++) {
            List<Record> found = records.getOrDefault(key(name, asked.getType()), List.of());
            found.forEach(record -> answer.addRecord(record, Section.ANSWER));
            List<Record> alias = records.getOrDefault(key(name, Type.CNAME), List.of());
            if (!found.isEmpty() || alias.isEmpty()) {
                return;
            }
            answer.addRecord(alias.get(0), Section.ANSWER);
            name = Name.fromConstantString(alias.get(0).rdataToString());
        }
    }
}
