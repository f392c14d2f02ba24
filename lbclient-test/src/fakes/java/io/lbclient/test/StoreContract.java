package io.lbclient.test;

import io.lbclient.session.AffinityStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What every {@link AffinityStore} has to keep, for whoever writes one: run each rule against a store that is up.
 *
 * <pre>{@code
 * @ParameterizedTest
 * @EnumSource
 * void keepsTheContract(StoreContract rule) throws Exception {
 *   rule.check(store);
 * }
 * }</pre>
 *
 * <p>The rules use keys of their own, so they may share a store. They need no test framework.
 */
public enum StoreContract {
    /** A key that nobody bound is found unbound. */
    AN_UNKNOWN_KEY_IS_NOT_BOUND {
        @Override
        public void check(AffinityStore store) throws Exception {
            same(now(store.find(key())), null);
        }
    },
    /** What was bound is found. */
    WHAT_WAS_BOUND_IS_FOUND {
        @Override
        public void check(AffinityStore store) throws Exception {
            String key = key();
            same(now(store.bind(key, "a:1", null)), "a:1");
            same(now(store.find(key)), "a:1");
            same(now(store.find(key)), "a:1");
        }
    },
    /** Who binds a key that is bound is told to whom, and changes nothing. */
    THE_FIRST_WINS {
        @Override
        public void check(AffinityStore store) throws Exception {
            String key = key();
            now(store.bind(key, "a:1", null));
            same(now(store.bind(key, "b:1", null)), "a:1");
            same(now(store.bind(key, "b:1", "c:1")), "a:1");
            same(now(store.find(key)), "a:1");
        }
    },
    /** Who names the server that is bound replaces it; a second one who names it comes too late. */
    A_LOST_SERVER_IS_REPLACED_ONCE {
        @Override
        public void check(AffinityStore store) throws Exception {
            String key = key();
            now(store.bind(key, "a:1", null));
            same(now(store.bind(key, "b:1", "a:1")), "b:1");
            same(now(store.bind(key, "c:1", "a:1")), "b:1");
            same(now(store.find(key)), "b:1");
        }
    },
    /** Who replaces a binding that was forgotten binds. */
    WHAT_WAS_FORGOTTEN_CAN_BE_REPLACED {
        @Override
        public void check(AffinityStore store) throws Exception {
            String key = key();
            same(now(store.bind(key, "b:1", "a:1")), "b:1");
            same(now(store.find(key)), "b:1");
        }
    },
    /** Keys have nothing to do with each other. */
    KEYS_ARE_APART {
        @Override
        public void check(AffinityStore store) throws Exception {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                keys.add(key());
                now(store.bind(keys.get(i), "s" + i, null));
            }
            for (int i = 0; i < 200; i++) {
                same(now(store.find(keys.get(i))), "s" + i);
            }
        }
    },
    /** Of many who bind one key at once, one wins and all are told who. */
    ALL_AGREE_WHO_WON {
        @Override
        public void check(AffinityStore store) throws Exception {
            for (int round = 0; round < 20; round++) {
                String key = key();
                List<CompletableFuture<String>> binding = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    String server = "s" + i;
                    binding.add(CompletableFuture.supplyAsync(() -> store.bind(key, server, null))
                            .thenCompose(stage -> stage));
                }
                Set<@Nullable String> told = new HashSet<>();
                for (CompletableFuture<String> one : binding) {
                    told.add(now(one));
                }
                told.add(now(store.find(key)));
                same(told.size(), 1);
            }
        }
    },
    /** Keys and servers of every length up to the longest, with any visible character. */
    LONG_AND_ODD_TEXTS_ARE_KEPT {
        @Override
        public void check(AffinityStore store) throws Exception {
            StringBuilder visible = new StringBuilder(key());
            for (char c = 0x21; c < 0x7f; c++) {
                visible.append(c);
            }
            String key = visible.append("k".repeat(AffinityStore.MAX_LENGTH - visible.length())).toString();
            String server = "[::1]:8080'\"\\$*" + "s".repeat(AffinityStore.MAX_LENGTH - 15);
            same(now(store.bind(key, server, null)), server);
            same(now(store.find(key)), server);
        }
    },
    /** What is too long, or empty, is refused where it is given. */
    BAD_TEXTS_ARE_REFUSED {
        @Override
        public void check(AffinityStore store) {
            String tooLong = "x".repeat(AffinityStore.MAX_LENGTH + 1);
            for (String bad : List.of("", tooLong)) {
                refused(() -> store.find(bad));
                refused(() -> store.bind(bad, "a:1", null));
                refused(() -> store.bind("key", bad, null));
            }
        }
    };

    /**
     * Checks the rule.
     *
     * @param store the store, which is up
     * @throws AssertionError if the store breaks the rule
     * @throws Exception if the store failed
     */
    public abstract void check(AffinityStore store) throws Exception;

    private static String key() {
        return "contract-" + UUID.randomUUID();
    }

    private static <T extends @Nullable Object> T now(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static void same(@Nullable Object actual, @Nullable Object expected) {
        if (expected == null ? actual != null : !expected.equals(actual)) {
            throw new AssertionError(actual + " (expected: " + expected + ")");
        }
    }

    private static void refused(Runnable call) {
        try {
            call.run();
        } catch (IllegalArgumentException e) {
            return;
        }
        throw new AssertionError("accepted (expected: an IllegalArgumentException)");
    }
}
