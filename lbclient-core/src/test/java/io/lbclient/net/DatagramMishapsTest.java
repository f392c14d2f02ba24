package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Outcome;
import io.lbclient.RetryBudget;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.test.FakeTicker;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** What networks, names and threads do to datagrams. */
@Timeout(120)
class DatagramMishapsTest extends Opened {

    @Test
    void aServerWhoseNameNobodyKnowsIsPassedOver() throws IOException {
        Server unknown = Server.of("no-such-host.invalid", 53);
        DnsServer good = closing(new DnsServer("192.0.2.2"));
        ServerPool pool = watched(unknown, good.server());
        BalancedDatagram dns = closing(BalancedDatagram.builder(pool).build());

        byte[] answer = dns.ask("client", DnsServer.question(1, "orders.test"), Lab.PATIENCE);

        assertThat(DnsServer.address(answer)).isEqualTo("192.0.2.2");
        assertThat(endings.seen)
                .containsExactly(
                        Lab.Endings.of(unknown, Outcome.CONNECT_FAILURE),
                        Lab.Endings.of(good.server(), Outcome.SUCCESS));
    }

    /** Sends each reply twice, as networks do. */
    private Server twice() throws IOException {
        DatagramSocket socket = closing(new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        Thread thread = new Thread(
                () -> {
                    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                    while (!socket.isClosed()) {
                        try {
                            packet.setLength(512);
                            socket.receive(packet);
                            socket.send(packet);
                            socket.send(packet);
                        } catch (IOException e) {
                            // Closed, or the client has gone: the loop finds out which.
                        }
                    }
                },
                "test-twice");
        thread.setDaemon(true);
        thread.start();
        return Server.of("127.0.0.1", socket.getLocalPort());
    }

    private static byte[] numbered(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    @Test
    void aReplyThatComesTwiceIsNotTakenForTheNextOne() throws IOException {
        ServerPool pool = watched(twice());
        BalancedDatagram datagrams = closing(BalancedDatagram.builder(pool)
                .replyTo((question, reply) -> ByteBuffer.wrap(question).equals(ByteBuffer.wrap(reply)))
                .build());

        for (int i = 0; i < 50; i++) {
            assertThat(datagrams.ask("client", numbered(i), Lab.PATIENCE)).isEqualTo(numbered(i));
        }
        assertThat(datagrams.openFlows()).isOne();
    }

    @Test
    void aServerThatOnlyRepliesToOtherQuestionsTimesOut() throws IOException {
        FakeTicker ticker = new FakeTicker();
        ServerPool pool = closing(Lab.builder(twice()).ticker(ticker).build());
        BalancedDatagram datagrams = closing(BalancedDatagram.builder(pool)
                .replyTo((question, reply) -> {
                    ticker.advance(Lab.PATIENCE.dividedBy(2));
                    return false;
                })
                .build());

        assertThatThrownBy(() -> datagrams.ask("client", numbered(1), Lab.PATIENCE))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("only replies to other questions");
        assertThat(datagrams.openFlows()).isZero();
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void aPacketThatIsTooLongIsTheCallersFault() throws IOException {
        DnsServer one = closing(new DnsServer("192.0.2.1"));
        DnsServer two = closing(new DnsServer("192.0.2.2"));
        AtomicInteger paid = new AtomicInteger();
        ServerPool pool = closing(Lab.builder(one.server(), two.server())
                .balancer(Lab.IN_ORDER)
                .healthMonitors(endings)
                .retryBudget(ticker -> new RetryBudget.Account() {
                    @Override
                    public void request() {}

                    @Override
                    public boolean tryAcquire() {
                        return paid.incrementAndGet() > 0;
                    }
                })
                .build());
        BalancedDatagram dns = closing(BalancedDatagram.builder(pool).build());
        DatagramFlow flow = dns.flow("client");

        assertThatThrownBy(() -> dns.ask("client", new byte[70_000], Lab.PATIENCE))
                .isInstanceOf(IOException.class);

        assertThat(dns.flow("client")).isSameAs(flow);
        assertThat(paid).as("it would fail in the same way again").hasValue(0);
        assertThat(endings.seen).isEmpty();
        assertThat(pool.snapshot().servers().stream().mapToLong(s -> s.picks()).sum())
                .isOne();
    }

    @Test
    void aServerThatLeavesBetweenItsPickAndItsFlowKeepsNoFlow() throws IOException {
        DnsServer server = closing(new DnsServer("192.0.2.1"));
        DnsServer other = closing(new DnsServer("192.0.2.2"));
        AtomicBoolean removed = new AtomicBoolean();
        List<Supplier<ServerPool>> late = new ArrayList<>();
        ServerPool pool = closing(Lab.builder(server.server(), other.server())
                .balancer((candidates, previous) -> context -> {
                    if (removed.compareAndSet(false, true)) {
                        late.get(0).get().remove(server.server().id());
                    }
                    return candidates.get(0);
                })
                .build());
        late.add(() -> pool);
        BalancedDatagram dns = closing(BalancedDatagram.builder(pool).build());

        DatagramFlow flow = dns.flow("client");

        assertThat(flow.server()).isEqualTo(server.server());
        assertThat(flow.isClosed()).isTrue();
        assertThat(dns.openFlows()).isZero();
        assertThat(dns.flow("client").server()).isEqualTo(other.server());
    }

    @Test
    void flowsThatHaveEndedTakeNoRoomFromThoseThatLive() throws IOException {
        DnsServer server = closing(new DnsServer("192.0.2.1"));
        ServerPool pool = watched(server.server());
        BalancedDatagram dns =
                closing(BalancedDatagram.builder(pool).maxFlows(2).build());
        DatagramFlow living = dns.flow("living");
        for (int i = 0; i < 5; i++) {
            dns.flow("ended-" + i).close();
        }

        assertThat(living.isClosed()).isFalse();
        assertThat(dns.flow("living")).isSameAs(living);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void aVirtualThreadThatIsInterruptedLeavesNothingInFlight() throws Exception {
        DnsServer server = closing(new DnsServer("192.0.2.1"));
        server.silent(true);
        ServerPool pool = watched(server.server());
        BalancedDatagram dns = closing(BalancedDatagram.builder(pool).build());
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();

        Thread asking = Lab.startVirtualThread(() -> {
            try {
                dns.ask("client", DnsServer.question(1, "orders.test"), Lab.PATIENCE.multipliedBy(10));
                thrown.complete(new AssertionError("answered"));
            } catch (IOException e) {
                thrown.complete(e);
            }
        });
        Lab.await("the question is asked", () -> server.asked() == 1);
        asking.interrupt();

        assertThat(thrown.get(60, TimeUnit.SECONDS)).isInstanceOf(SocketException.class);
        assertThat(endings.seen).containsExactly(Lab.Endings.of(server.server(), Outcome.CANCELLED));
        assertThat(Lab.inFlight(pool)).isZero();
    }
}
