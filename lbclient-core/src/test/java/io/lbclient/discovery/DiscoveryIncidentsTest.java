package io.lbclient.discovery;

import static io.lbclient.discovery.Guarded.server;
import static io.lbclient.discovery.Guarded.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.health.ActiveChecks;
import io.lbclient.health.HealthCheck;
import io.lbclient.retry.ConcurrencyLimits;
import io.lbclient.retry.PickQueue;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What has happened to others when servers came, went, or were said to. */
@Timeout(120)
class DiscoveryIncidentsTest {
    private final StillClock clock = new StillClock();
    private final Source source = new Source();

    private static Set<String> picked(ServerPool pool, int picks) {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < picks; i++) {
            try (Attempt attempt = pool.pick()) {
                attempt.complete(Outcome.SUCCESS);
                ids.add(attempt.server().id());
            }
        }
        return ids;
    }

    /** Incident I18: who is right when the discovery and the health checks disagree. */
    @ParameterizedTest(name = "present {0}, healthy {1}: picked {2}")
    @CsvSource({"true, true, true", "true, false, false", "false, true, false", "false, false, false"})
    void incidentI18TheDiscoverySaysWhoIsThereAndTheChecksSayWhoOfThoseIsPicked(
            boolean present, boolean healthy, boolean expected) {
        HealthCheck check = (server, executor) -> CompletableFuture.completedFuture(
                healthy || !server.id().equals("x")
                        ? HealthCheck.Result.PASSED
                        : HealthCheck.Result.failed("as the test wants it"));
        source.atOnce = servers("a", "b", "x");
        ServerPool pool = clock.builder()
                .healthMonitors(ActiveChecks.of(check))
                .discovery(GuardRails.standard().around(source))
                .build();
        if (!present) {
            source.sink().update(servers("a", "b"));
        }
        clock.advance(Duration.ofMinutes(2));
        assertThat(picked(pool, 30).contains("x")).isEqualTo(expected);
        assertThat(picked(pool, 30)).contains("a", "b");
    }

    /** Incident I18, of two sources: a server is there as long as one of them names it. */
    @ParameterizedTest
    @CsvSource({"true, true, true", "true, false, true", "false, true, true", "false, false, false"})
    void incidentI18OfTwoSourcesThatAreMergedOneIsEnoughToKeepAServer(boolean one, boolean other, boolean expected) {
        Source second = new Source();
        source.atOnce = servers("a", "b", "x");
        second.atOnce = servers("a", "b", "x");
        ServerPool pool = clock.pool(Discoveries.merged(source, second));
        if (!one) {
            source.sink().update(servers("a", "b"));
        }
        if (!other) {
            second.sink().update(servers("a", "b"));
        }
        assertThat(picked(pool, 30).contains("x")).isEqualTo(expected);
    }

    /** Incident I16: an address that is used again belongs to a server of which nothing is known. */
    @Test
    void incidentI16AServerAtARecycledAddressInheritsNeitherStatisticsNorHealth() {
        source.atOnce = servers("other", "old");
        ServerPool pool = clock.pool(GuardRails.standard().around(source));
        for (int i = 0; i < 20; i++) {
            try (Attempt attempt = pool.pick()) {
                attempt.complete(attempt.server().id().equals("old") ? Outcome.FAILURE : Outcome.SUCCESS);
            }
        }
        assertThat(pool.snapshot().eligible()).isEqualTo(1);
        source.sink().update(servers("other", "new"));
        assertThat(pool.snapshot().servers().get(1).picks()).isZero();
        assertThat(pool.snapshot().eligible()).isEqualTo(2);
        assertThat(picked(pool, 10)).contains("new");
    }

    /** Incident I17: a server that a discovery adds gets its share, whatever the others are used to. */
    @Test
    void incidentI17ServersThatADiscoveryAddsGetTheirShareWithTheNextPicks() {
        source.atOnce = servers("a", "b", "c", "d", "e");
        ServerPool pool = clock.pool(GuardRails.standard().around(source));
        picked(pool, 10_000);
        source.sink().update(servers("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"));
        picked(pool, 1_000);
        assertThat(pool.snapshot().servers().subList(5, 10))
                .allSatisfy(server -> assertThat(server.picks()).isBetween(80L, 120L));
    }

    /** Incident I22: a poisoned list, here a file of which some bytes are wrong, is read or refused, and nothing else. */
    @Test
    void incidentI22WhateverAFileSaysItIsReadOrRefusedWithItsReason() {
        byte[] good = """
                # one server a line
                10.0.0.1:8080 weight=2 zone=a
                10.0.0.2:8080 zone=b tier=1     # a standby
                [2001:db8::1]:8080 id=old-1 version=7 %77eight=5
                """.getBytes(StandardCharsets.UTF_8);
        Random random = new Random(22);
        int read = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = Arrays.copyOf(good, i % 2 == 0 ? good.length : 1 + random.nextInt(good.length));
            for (int change = random.nextInt(4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                List<Server> servers =
                        ServerLines.parse(FileText.decoded(bytes)).servers();
                read++;
                assertThat(ServerLines.parse(ServerLines.format(servers) + "# end\n")
                                .servers())
                        .isEqualTo(servers);
            } catch (IllegalArgumentException | IOException refused) {
                assertThat(refused).hasMessageNotContaining("\n");
            }
        }
        assertThat(read).as("not all of it is refused").isGreaterThan(1_000);
    }

    /** Incident I22: a source that throws what it likes, and says what nobody should, costs nothing. */
    @Test
    void incidentI22APoisonedSourceKeepsTheLastGoodList() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
        List<Runnable> poison = List.of(
                () -> guarded.source.sink().update(List.of()),
                () -> guarded.source.sink().update(List.of(Server.of("169.254.169.254", 80))),
                () -> guarded.source.sink().authoritative(List.of(Server.of("0.0.0.0", 80))),
                () -> guarded.source.sink().failed(new StackOverflowError()),
                () -> guarded.source.sink().failed(new IllegalStateException((String) null)),
                () -> guarded.source.sink().refused("\u0000\r\n", "\u001b[2J"));
        for (Runnable one : poison) {
            assertThatCode(one::run).doesNotThrowAnyException();
            guarded.seconds(5);
            assertThat(guarded.ids()).containsExactly("a", "b");
        }
        guarded.source.sink().ended(new OutOfMemoryError("of the registry"));
        guarded.source.refuses = true;
        guarded.seconds(60);
        guarded.source.refuses = false;
        guarded.seconds(60);
        guarded.push("a", "b", "c");
        assertThat(guarded.ids()).containsExactly("a", "b", "c");
    }

    /** Incident I23, bug 28: what is kept for a server goes with it, whatever number of them there ever was. */
    @Test
    void incidentI23Bug28OfThousandsOfServersThatCameAndWentNothingIsKept() {
        Guarded guarded = new Guarded();
        Deque<Server> present = new ArrayDeque<>(Guarded.numbered(0, 500));
        guarded.source.sink().update(List.copyOf(present));
        List<WeakReference<Server>> gone = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            gone.add(new WeakReference<>(present.removeFirst()));
            present.addLast(server("n" + i));
            guarded.source.sink().update(List.copyOf(present));
            guarded.advance(Duration.ofMillis(1));
            if (i % 10 == 0) {
                picked(guarded.pool, 1);
            }
        }
        assertThat(guarded.pool.snapshot().servers()).hasSize(500);
        // The snapshot's note of the picks before is replaced by the second look after ten seconds.
        guarded.seconds(20);
        guarded.pool.snapshot();
        guarded.seconds(20);
        guarded.pool.snapshot();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (left(gone) > 0 && System.nanoTime() < end) {
            System.gc();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        assertThat(left(gone)).isZero();
        assertThat(guarded.pool.snapshot().servers()).hasSize(500);
    }

    private static long left(List<WeakReference<Server>> servers) {
        return servers.stream().filter(reference -> reference.get() != null).count();
    }

    /** Bug 32: servers that are deleted while requests are in flight to them, and others wait for a place. */
    @Test
    void bug32AServerThatTheDiscoveryDeletesKeepsWhatIsInFlightAndWhoWaitsGoesElsewhere() throws Exception {
        source.atOnce = servers("a");
        ServerPool pool = clock.builder()
                .healthMonitors(ConcurrencyLimits.fixed(1))
                .discovery(GuardRails.standard().around(source))
                .build();
        PickQueue queue = new PickQueue(pool, 10);
        Attempt atWork = queue.pick(RequestView.EMPTY).get();
        CompletableFuture<Attempt> waiting = queue.pick(RequestView.EMPTY);
        CompletableFuture<Attempt> behind = queue.pick(RequestView.EMPTY);
        assertThat(waiting).isNotDone();

        source.sink().authoritative(servers("b"));
        clock.advance(Duration.ofSeconds(1));
        assertThat(waiting.get(20, TimeUnit.SECONDS).server().id()).isEqualTo("b");
        assertThat(behind).isNotDone();
        assertThat(atWork.complete(Outcome.SUCCESS)).isTrue();
        source.sink().authoritative(servers("a", "b"));
        clock.advance(Duration.ofSeconds(1));
        assertThat(behind.get(20, TimeUnit.SECONDS).server().id())
                .as("back, and nothing is in flight to it any more")
                .isEqualTo("a");
        waiting.get().close();
        behind.get().close();
        assertThat(queue.size()).isZero();
        assertThat(pool.snapshot().servers()).allMatch(server -> server.inFlight() == 0);
    }
}
