package io.lbclient.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.Attempt;
import io.lbclient.HealthState;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import io.lbclient.balancer.Balancers;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two DNS servers behind a pool. */
@Timeout(120)
class BalancedDatagramTest extends Opened {
    private static final Duration LONG = Lab.PATIENCE;

    private final FakeTicker ticker = new FakeTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private DnsServer one;
    private DnsServer two;

    @BeforeEach
    void start() throws IOException {
        one = closing(new DnsServer("192.0.2.1"));
        two = closing(new DnsServer("192.0.2.2"));
    }

    private ServerPool pool() {
        return closing(Lab.builder(one.server(), two.server())
                .balancer(Balancers.leastRequests())
                .ticker(ticker)
                .scheduler(scheduler)
                .build());
    }

    private BalancedDatagram.Builder over(ServerPool pool) {
        return BalancedDatagram.builder(pool).scheduler(scheduler).replyCheck(DnsServer::isGood);
    }

    private BalancedDatagram built(BalancedDatagram.Builder builder) {
        return closing(builder.build());
    }

    private static String ask(BalancedDatagram dns, Object key, int id) throws IOException {
        byte[] answer = dns.ask(key, DnsServer.question(id, "orders.test"), LONG);
        assertThat(DnsServer.id(answer)).isEqualTo(id);
        return DnsServer.address(answer);
    }

    @Test
    void flowsAreSpreadAndEachStaysWhereItIs() throws IOException {
        ServerPool pool = pool();
        BalancedDatagram dns = built(over(pool));

        List<String> firsts = new ArrayList<>();
        for (int flow = 0; flow < 20; flow++) {
            firsts.add(ask(dns, "client-" + flow, flow));
        }
        for (int round = 0; round < 3; round++) {
            for (int flow = 0; flow < 20; flow++) {
                assertThat(ask(dns, "client-" + flow, 1000 + flow)).isEqualTo(firsts.get(flow));
            }
        }

        assertThat(firsts.stream().filter("192.0.2.1"::equals)).hasSize(10);
        assertThat(one.asked()).isEqualTo(40);
        assertThat(one.clients()).isEqualTo(10);
        assertThat(Lab.inFlight(pool)).isEqualTo(20);
        assertThat(dns.openFlows()).isEqualTo(20);
        dns.close();
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void aServerThatIsGoneIsFoundOutByItsUnreachablePortAndTheQuestionGoesToTheOther() throws IOException {
        ServerPool pool = watched(one.server(), two.server());
        BalancedDatagram dns = built(over(pool));
        assertThat(ask(dns, "client", 1)).isEqualTo("192.0.2.1");
        one.kill();

        assertThat(ask(dns, "client", 2)).isEqualTo("192.0.2.2");
        assertThat(endings.seen)
                .containsExactly(
                        Lab.Endings.of(one.server(), Outcome.SUCCESS),
                        Lab.Endings.of(one.server(), Outcome.CONNECT_FAILURE),
                        Lab.Endings.of(two.server(), Outcome.SUCCESS));
        assertThat(Lab.inFlight(pool, one.server())).isZero();
    }

    @Test
    void aServerThatComesBackGetsFlowsAgain() throws Exception {
        ServerPool pool = pool();
        BalancedDatagram dns = built(over(pool));
        one.kill();
        for (int flow = 0; flow < 10; flow++) {
            assertThat(ask(dns, "early-" + flow, flow)).isEqualTo("192.0.2.2");
        }
        scheduler.runDue();
        assertThat(stateOf(pool, one.server())).isEqualTo(HealthState.EJECTED);

        one.comeBack();
        scheduler.advance(Duration.ofSeconds(2));
        assertThat(ask(dns, "trial", 77)).isEqualTo("192.0.2.1");
        scheduler.runDue();
        assertThat(stateOf(pool, one.server())).isEqualTo(HealthState.HEALTHY);
        for (int flow = 0; flow < 9; flow++) {
            assertThat(ask(dns, "late-" + flow, flow)).isEqualTo("192.0.2.1");
        }
    }

    private static HealthState stateOf(ServerPool pool, Server server) {
        return pool.snapshot().servers().stream()
                .filter(s -> s.server().equals(server))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void aReplyThatDoesNotPassTheCheckCountsAgainstItsServer() throws IOException {
        ServerPool pool = watched(one.server(), two.server());
        BalancedDatagram dns = built(over(pool));
        one.servfail(true);

        assertThat(ask(dns, "client", 1)).isEqualTo("192.0.2.2");
        assertThat(endings.seen)
                .containsExactly(
                        Lab.Endings.of(one.server(), Outcome.FAILURE), Lab.Endings.of(two.server(), Outcome.SUCCESS));
    }

    @Test
    void aServerThatIsSilentTimesOut() {
        ServerPool pool = watched(one.server(), two.server());
        BalancedDatagram dns = built(over(pool));
        one.silent(true);

        // The time is short, and the other server may need more, too: then both are asked anew.
        Lab.await("the other one answers in time", () -> answersWithin(dns, Duration.ofMillis(50)));

        assertThat(endings.seen).startsWith(Lab.Endings.of(one.server(), Outcome.TIMEOUT));
        assertThat(endings.seen).endsWith(Lab.Endings.of(two.server(), Outcome.SUCCESS));
    }

    private static boolean answersWithin(BalancedDatagram dns, Duration timeout) {
        try {
            byte[] answer = dns.ask("client", DnsServer.question(1, "orders.test"), timeout);
            return DnsServer.address(answer).equals("192.0.2.2");
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theLastFailureIsThrownWhenNobodyAnswers() throws IOException {
        ServerPool pool = watched(one.server(), two.server());
        BalancedDatagram dns = built(over(pool));
        one.kill();
        two.silent(true);

        assertThatThrownBy(() -> dns.ask("client", DnsServer.question(1, "orders.test"), Duration.ofMillis(50)))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(Lab.inFlight(pool)).isZero();
    }

    @Test
    void noMoreServersAreAskedThanMayBe() throws IOException {
        BalancedDatagram dns = built(over(watched(one.server(), two.server())).maxServers(1));
        one.kill();

        assertThatThrownBy(() -> ask(dns, "client", 1)).isInstanceOf(PortUnreachableException.class);
        assertThat(two.asked()).isZero();
    }

    @Test
    void packetsCanBeSentAndReceivedOneByOne() throws IOException {
        ServerPool pool = watched(one.server(), two.server());
        BalancedDatagram dns = built(over(pool));
        DatagramFlow flow = dns.flow("client");
        assertThat(flow.server()).isEqualTo(one.server());

        flow.send(DnsServer.question(1, "a.test"));
        flow.send(DnsServer.question(2, "b.test"));
        assertThat(List.of(DnsServer.id(flow.receive(LONG)), DnsServer.id(flow.receive(LONG))))
                .containsExactlyInAnyOrder(1, 2);
        assertThat(dns.flow("client")).isSameAs(flow);

        one.kill();
        flow.send(DnsServer.question(3, "c.test"));
        assertThatThrownBy(() -> flow.receive(LONG)).isInstanceOf(PortUnreachableException.class);
        assertThat(flow.isClosed()).isTrue();
        assertThat(dns.flow("client")).isNotSameAs(flow);
    }

    @Test
    void flowsThatAreIdleEnd() throws IOException {
        ServerPool pool = pool();
        BalancedDatagram dns = built(over(pool).idleTimeout(Duration.ofSeconds(40)));
        ask(dns, "idle", 1);
        ask(dns, "busy", 2);

        DatagramFlow telling = dns.flow("telling");
        DatagramFlow listening = dns.flow("listening");
        for (int i = 0; i < 4; i++) {
            listening.send(DnsServer.question(i, "answers.come"));
        }

        for (int i = 0; i < 4; i++) {
            scheduler.advance(Duration.ofSeconds(10));
            ask(dns, "busy", 3);
            telling.send(DnsServer.question(4, "nobody.waits"));
            listening.receive(LONG);
        }
        assertThat(List.of(telling, listening)).noneMatch(DatagramFlow::isClosed);
        assertThat(dns.openFlows()).isEqualTo(3);
        assertThat(Lab.inFlight(pool)).isEqualTo(3);
        scheduler.advance(Duration.ofSeconds(50));
        assertThat(dns.openFlows()).isZero();
        assertThat(Lab.inFlight(pool)).isZero();
        // Nothing is swept any more when nothing is there.
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void theTableIsBoundedAndForgetsWhatWasUsedLeastRecently() throws IOException {
        ServerPool pool = pool();
        BalancedDatagram dns = built(over(pool).maxFlows(4));
        DatagramFlow first = dns.flow("0");
        for (int i = 1; i < 4; i++) {
            dns.flow(String.valueOf(i));
        }
        dns.flow("0");
        dns.flow("4");

        assertThat(dns.openFlows()).isEqualTo(4);
        assertThat(dns.flow("0")).isSameAs(first);
        assertThat(Lab.inFlight(pool)).isEqualTo(4);
    }

    @Test
    void flowsToAServerThatLeavesMoveOnAndThoseToADrainingOneStay() throws IOException {
        ServerPool pool = pool();
        BalancedDatagram dns = built(over(pool));
        for (int flow = 0; flow < 10; flow++) {
            ask(dns, flow, flow);
        }

        pool.drain(one.server().id());
        assertThat(dns.openFlows()).isEqualTo(10);
        pool.remove(one.server().id());
        assertThat(dns.openFlows()).isEqualTo(5);
        for (int flow = 0; flow < 10; flow++) {
            assertThat(ask(dns, flow, flow)).isEqualTo("192.0.2.2");
        }
    }

    @Test
    void flowsToAServerThatIsEjectedMoveOn() throws IOException {
        ServerPool pool = pool();
        BalancedDatagram dns = built(over(pool));
        for (int flow = 0; flow < 10; flow++) {
            ask(dns, flow, flow);
        }
        Attempt failing = pool.pick();
        failing.complete(Outcome.CONNECT_FAILURE);
        scheduler.runDue();

        assertThat(dns.openFlows()).isEqualTo(5);
        assertThat(Lab.inFlight(pool, failing.server())).isZero();
    }

    @Test
    void aReplyThatIsTooLongIsAFailureAndNotCutOff() throws IOException {
        ServerPool pool = watched(one.server(), two.server());
        BalancedDatagram dns = built(over(pool).maxReply(20));
        DatagramFlow flow = dns.flow("client");
        flow.send(DnsServer.question(1, "orders.test"));

        assertThatThrownBy(() -> flow.receive(LONG)).hasMessageContaining("longer than 20 bytes");
        assertThat(endings.seen).containsExactly(Lab.Endings.of(one.server(), Outcome.FAILURE));
    }

    @Test
    void manyThreadsShareAFlowWhileFlowsAreForgottenAndNothingStaysInFlight() throws Exception {
        ServerPool pool = pool();
        BalancedDatagram dns = built(over(pool).maxFlows(3));
        Set<String> answers = ConcurrentHashMap.newKeySet();
        Threads.run(8, number -> () -> {
            for (int i = 0; i < 200; i++) {
                try {
                    answers.add(ask(dns, (number + i) % 5, number * 1000 + i));
                } catch (SocketException e) {
                    // Forgotten by another thread in the middle of a question, more often than the budget allows.
                }
            }
        });
        assertThat(answers).containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2");
        dns.close();
        assertThat(Lab.inFlight(pool)).isZero();
        assertThatThrownBy(() -> dns.flow("late")).isInstanceOf(IOException.class);
        assertThat(Lab.inFlight(pool)).isZero();
    }
}
