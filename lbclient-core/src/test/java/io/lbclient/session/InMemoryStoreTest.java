package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Threads;
import io.lbclient.balancer.Balancers;
import io.lbclient.session.Shop.Ask;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InMemoryStoreTest {
    private final FakeTicker ticker = new FakeTicker();

    private static void put(InMemoryStore store, String key, String server) {
        String inForce = store.bind(key, server, null).toCompletableFuture().join();
        if (!inForce.equals(server)) {
            store.bind(key, server, inForce);
        }
    }

    private static String look(InMemoryStore store, String key) {
        return store.find(key).toCompletableFuture().join();
    }

    private InMemoryStore store(int capacity) {
        return new InMemoryStore(capacity, Duration.ofMinutes(30), ticker);
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheContract(StoreContract rule) throws Exception {
        rule.check(store(10_000));
    }

    @Test
    void whatIsNotUsedExpiresAndWhatIsUsedStays() {
        InMemoryStore store = store(10);
        put(store, "used", "a");
        put(store, "unused", "b");
        for (int i = 0; i < 4; i++) {
            ticker.advance(Duration.ofMinutes(29));
            assertThat(look(store, "used")).isEqualTo("a");
        }

        assertThat(look(store, "unused")).isNull();
        assertThat(store.bind("unused", "c", null)).isCompletedWithValue("c");
        ticker.advance(Duration.ofMinutes(30));
        assertThat(look(store, "used")).isNull();
    }

    @Test
    void aFullStoreForgetsWhatNobodyUsedAndKeepsWhatIsInUse() {
        InMemoryStore store = store(1_000);
        for (int i = 0; i < 1_000; i++) {
            put(store, "session-" + i, "a");
        }
        for (int flood = 0; flood < 100_000; flood++) {
            if (flood % 400 == 0) {
                for (int i = 0; i < 500; i++) {
                    assertThat(look(store, "session-" + i)).isEqualTo("a");
                }
            }
            put(store, "flood-" + flood, "b");
            assertThat(store.size()).isLessThanOrEqualTo(1_000);
        }

        assertThat(look(store, "session-999")).isNull();
        assertThat(look(store, "flood-99999")).isEqualTo("b");
    }

    @Test
    void aStoreInWhichAllIsInUseStillTakesTheNext() {
        InMemoryStore store = store(100);
        for (int i = 0; i < 100; i++) {
            put(store, "k" + i, "a");
            look(store, "k" + i);
        }
        put(store, "next", "b");

        assertThat(look(store, "next")).isEqualTo("b");
        assertThat(store.size()).isEqualTo(100);
    }

    @Test
    void bindingsThatAreReplacedTakeNoMorePlaces() {
        InMemoryStore store = store(4);
        for (int i = 0; i < 1_000; i++) {
            put(store, "one", "server-" + i);
        }

        assertThat(store.size()).isEqualTo(1);
        assertThat(look(store, "one")).isEqualTo("server-999");
    }

    /** S14 of the security checks: the memory is bounded, whoever sends how many keys. */
    @Test
    void tenMillionDistinctKeysStayUnder16MiB() {
        long before = usedAfterCollection();
        InMemoryStore store = new InMemoryStore();
        KeyDigest digest = new KeyDigest("shop cookie JSESSIONID");
        String[] servers = {"10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"};
        long[] nanos = new long[50_000];
        for (int i = 0; i < 10_000_000; i++) {
            // Ids as long as they like: what is kept is their digest. Most are made cheaply, in the form of one.
            String key =
                    i % 64 == 0 ? digest.of("session " + i + "x".repeat(200)) : "AAAAAAAAAAAAAA" + (10_000_000 + i);
            put(store, key, servers[i % 3]);
            if (i % 200 == 199) {
                nanos[i / 200] = nanosOfALookUp(store, key);
            }
        }
        long taken = usedAfterCollection() - before - 8L * nanos.length;
        Arrays.sort(nanos);

        // The time is for who reads it: what a busy machine does to it is no fault of the store's.
        System.out.printf(
                "S14: %,d bindings after 10 million keys, %,d KiB; a look-up amid them took %d ns (median), %d ns (p99)%n",
                store.size(), taken / 1024, nanos[nanos.length / 2], nanos[nanos.length * 99 / 100]);
        assertThat(store.size()).isEqualTo(InMemoryStore.DEFAULT_CAPACITY);
        assertThat(taken).isBetween(1L << 20, 16L << 20);
    }

    private static long nanosOfALookUp(InMemoryStore store, String key) {
        long start = System.nanoTime();
        CompletionStage<String> found = store.find(key);
        long end = System.nanoTime();
        assertThat(found.toCompletableFuture().join()).isNotNull();
        return end - start;
    }

    private static long usedAfterCollection() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** S14: whoever chooses session ids chooses neither the keys that they become nor those keys' hash codes. */
    @Test
    void idsWhoseHashCodesCollideBecomeKeysWhoseHashCodesDoNot() {
        KeyDigest digest = new KeyDigest("shop cookie sid");
        List<String> ids = new ArrayList<>(List.of(""));
        for (int length = 0; length < 17; length++) {
            List<String> longer = new ArrayList<>();
            ids.forEach(id -> longer.addAll(List.of(id + "Aa", id + "BB")));
            ids = longer;
        }
        assertThat(ids).hasSize(131_072);
        assertThat(ids.stream().map(String::hashCode).distinct()).hasSize(1);
        assertThat(ids.stream().map(id -> digest.of(id).hashCode()).distinct().count())
                .isGreaterThan(131_000);
    }

    @Test
    void manyThreadsNeverMakeItGrowBeyondItsBound() throws Exception {
        InMemoryStore store = store(256);
        int threads = 8;
        int rounds = 20;
        List<Integer> sizes = new ArrayList<>();
        // Counted while nobody binds: a count that others change meanwhile is of no one moment.
        CyclicBarrier everybody = new CyclicBarrier(threads, () -> sizes.add(store.size()));
        Threads.run(threads, own -> () -> {
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < 1_000; i++) {
                    put(store, "k" + (i * 31 + own * 7) % 1_000, "s" + own);
                    look(store, "k" + i % 1_000);
                }
                everybody.await(60, TimeUnit.SECONDS);
            }
        });

        assertThat(sizes).hasSize(rounds).allMatch(size -> size > 0 && size <= 256);
    }

    @Test
    void poolsThatShareAStoreShareNoSession() {
        InMemoryStore store = new InMemoryStore();
        for (String name : List.of("shop", "shop2")) {
            SessionAffinityBuilder bySession =
                    SessionAffinity.builder().key("sid", request -> request.header("sid"), store);
            try (Shop shop = new Shop(name, bySession, Balancers.roundRobin(), "a", "b")) {
                shop.visit(Ask.header("sid", "1"));
            }
        }

        assertThat(store.size()).isEqualTo(2);
    }

    @Test
    void badSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InMemoryStore(0, Duration.ofMinutes(1), ticker))
                .withMessage("capacity: 0 (expected: 1 to 100000000)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InMemoryStore(1, Duration.ZERO, ticker))
                .withMessageStartingWith("lifetime: PT0S (expected: > 0");
    }
}
