package io.lbclient.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.session.AffinityStore;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.StoreContract;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class RedisStoreTest {
    private static RedisProcess redis;

    @BeforeAll
    static void start() throws Exception {
        redis = new RedisProcess();
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
    }

    /** Patient, because the machine may be busy and these tests are about what is answered. */
    private static RedisStoreBuilder patient() {
        return RedisStore.builder(redis.uri()).timeout(Duration.ofSeconds(20)).patience(Duration.ofSeconds(20));
    }

    private static RedisStore up(RedisStoreBuilder settings) {
        RedisStore store = settings.build();
        await("the store is connected", store::isConnected);
        return store;
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end)
                    .as("still waiting until " + what)
                    .isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static @Nullable String find(RedisStore store, String key) throws Exception {
        return store.find(key).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static String bind(RedisStore store, String key, String server, @Nullable String instead) throws Exception {
        return store.bind(key, server, instead).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheContract(StoreContract rule) throws Exception {
        try (RedisStore store = up(patient())) {
            rule.check(store);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheContractWithoutRemembering(StoreContract rule) throws Exception {
        try (RedisStore store = up(patient().freshFor(Duration.ZERO))) {
            rule.check(store);
        }
    }

    @Test
    void instancesSeeEachOthersBindings() throws Exception {
        try (RedisStore one = up(patient());
                RedisStore other = up(patient())) {
            assertThat(bind(one, "shared", "a", null)).isEqualTo("a");
            assertThat(find(other, "shared")).isEqualTo("a");
            assertThat(bind(other, "shared", "b", null)).isEqualTo("a");
            assertThat(bind(other, "shared", "b", "a")).isEqualTo("b");
            assertThat(bind(one, "shared", "c", "a")).isEqualTo("b");
        }
    }

    @Test
    void whatAnotherInstanceChangedIsSeenWhenWhatIsRememberedIsNoLongerFresh() throws Exception {
        FakeTicker ticker = new FakeTicker();
        try (RedisStore one = up(patient().ticker(ticker));
                RedisStore other = up(patient())) {
            bind(one, "moving", "a", null);
            bind(other, "moving", "b", "a");
            assertThat(find(one, "moving")).isEqualTo("a");
            ticker.advance(Duration.ofSeconds(1));

            assertThat(find(one, "moving")).isEqualTo("b");
        }
    }

    @Test
    void aBindingExpiresInRedisAndEachUseRenewsIt() throws Exception {
        try (RedisStore store = up(patient().lifetime(Duration.ofMinutes(10)).freshFor(Duration.ZERO))) {
            bind(store, "expiring", "a", null);
            assertThat(redis.ask("PEXPIRE lbclient:expiring 1000000")).isEqualTo(":1");
            find(store, "expiring");

            long left = Long.parseLong(redis.ask("PTTL lbclient:expiring").substring(1));
            assertThat(left).isBetween(1L, 600_000L);
        }
        try (RedisStore store = up(patient().lifetime(Duration.ofMillis(1)).freshFor(Duration.ZERO))) {
            bind(store, "short", "a", null);
            await("it has expired", () -> ":0".equals(redis.ask("EXISTS lbclient:short")));
        }
    }

    @Test
    void whatIsTooLongToBeAServerIsNotRemembered() throws Exception {
        try (RedisStore store = up(patient())) {
            assertThat(redis.ask("SET lbclient:odd " + "x".repeat(AffinityStore.MAX_LENGTH + 1)))
                    .isEqualTo("+OK");
            find(store, "odd");
            assertThat(store.known("odd")).isNull();
        }
    }

    @Test
    void aLookUpIsOneRoundTripAndOneThatIsFreshNone() throws Exception {
        FakeTicker ticker = new FakeTicker();
        try (RedisStore store = up(patient().ticker(ticker))) {
            bind(store, "counted", "a", null);
            long before = evals();
            for (int i = 0; i < 100; i++) {
                find(store, "counted");
            }
            assertThat(evals() - before).isZero();
            for (int i = 0; i < 10; i++) {
                ticker.advance(Duration.ofSeconds(1));
                find(store, "counted");
            }
            assertThat(evals() - before).isEqualTo(10);
        }
    }

    private static long evals() throws Exception {
        try (io.lettuce.core.RedisClient client = io.lettuce.core.RedisClient.create(redis.uri())) {
            String stats = client.connect().sync().info("commandstats");
            return stats.lines()
                    .filter(line -> line.startsWith("cmdstat_eval:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("cmdstat_eval:calls=(\\d+),.*", "$1")))
                    .sum();
        }
    }

    @Test
    void aRedisThatWasNeverThereIsNoFailure() throws Exception {
        int nobody;
        try (RedisProcess gone = new RedisProcess()) {
            nobody = gone.port;
        }
        try (RedisStore store =
                RedisStore.builder("redis://127.0.0.1:" + nobody).build()) {
            assertThat(store.find("k")).isCompletedWithValue(null);
            assertThat(store.bind("k", "a", null)).isCompletedWithValue("a");
            assertThat(store.find("k")).isCompletedWithValue("a");
            assertThat(store.bind("k", "b", "a")).isCompletedWithValue("b");
            assertThat(store.isConnected()).isFalse();
        }
    }

    @Test
    void aRedisThatComesLaterIsFound() throws Exception {
        try (RedisProcess late = new RedisProcess()) {
            late.kill();
            try (RedisStore store = RedisStore.builder(late.uri())
                    .timeout(Duration.ofSeconds(20))
                    .patience(Duration.ofSeconds(20))
                    .retryAfter(Duration.ofMillis(20))
                    .build()) {
                bind(store, "early", "a", null);
                late.start();
                await("the store is connected", store::isConnected);
                // The use offers what was bound before Redis was there.
                find(store, "early");
                assertThat(late.ask("EXISTS lbclient:early")).isEqualTo(":1");
            }
        }
    }

    @Test
    void whatIsRememberedIsNotWaitedFor() throws Exception {
        try (RedisProcess hanging = new RedisProcess();
                RedisStore store = up(RedisStore.builder(hanging.uri())
                        .freshFor(Duration.ZERO)
                        .timeout(Duration.ofMinutes(10)))) {
            bind(store, "k", "a", null);
            hanging.signal("STOP");
            try {
                assertThat(find(store, "k")).isEqualTo("a");
                assertThat(store.isConnected()).isTrue();
            } finally {
                hanging.signal("CONT");
            }
        }
    }

    @Test
    void aRedisThatHangsIsLeftAloneAfterThreeFailures() throws Exception {
        try (RedisProcess hanging = new RedisProcess();
                RedisStore store = up(RedisStore.builder(hanging.uri())
                        .freshFor(Duration.ZERO)
                        .timeout(Duration.ofMillis(50))
                        .retryAfter(Duration.ofMinutes(5)))) {
            bind(store, "k", "a", null);
            hanging.signal("STOP");
            try {
                while (store.isConnected()) {
                    assertThat(find(store, "k")).isEqualTo("a");
                }
                for (int i = 0; i < 10_000; i++) {
                    assertThat(store.find("k")).isCompletedWithValue("a");
                    assertThat(store.find("unknown" + i)).isCompletedWithValue(null);
                }
            } finally {
                hanging.signal("CONT");
            }
        }
    }

    @Test
    void badSettingsAreRefusedAndAPasswordIsNotRepeated() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisStore.builder("http://:hunter2@x"))
                .withMessage("uri: malformed (expected: such as redis://host:6379)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisStore.builder("redis://x").lifetime(Duration.ZERO))
                .withMessageStartingWith("lifetime: PT0S (expected: PT0.001S to ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisStore.builder("redis://x").capacity(0));
    }
}
