package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.Candidate;
import io.lbclient.MonitoredPool;
import io.lbclient.RequestView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One of the ways in which requests of a pool are tied to servers. */
interface Tie {
    /** What all ways of an affinity have in common: how long tokens are good for, and how long a store is waited for. */
    record Common(Duration lifetime, Duration lookupWait, InstantSource clock) {}

    /** Makes one for a pool. */
    @FunctionalInterface
    interface Maker {
        Tie make(MonitoredPool pool, Common common);
    }

    /** What this way has to say of a request. */
    Hold hold(RequestView request, Affinity.Standing standing);

    /** Begins to look up what {@link #hold} would wait for; null if it waits for nothing. */
    default @Nullable LookUp lookUp(RequestView request) {
        return null;
    }

    /** A look-up that was begun: its key, if the request has one, and what waits for the answer. */
    record LookUp(MemoryTie tie, @Nullable String key, Supplier<@Nullable String> answer) {}

    default void joined(Candidate server) {}

    default void left(Candidate server) {}

    /** What one way knows of one request. */
    interface Hold {
        /** A request that this way says nothing of, and remembers nothing of. */
        Hold NONE = new Hold() {};

        /** The server that may be used; null if there is none. */
        default @Nullable Candidate server() {
            return null;
        }

        /** Where a further attempt goes, if the request itself says so. */
        default @Nullable Candidate next(Predicate<? super Candidate> tried) {
            return null;
        }

        /** Whether the request names a server, one that may be used or not. */
        default boolean bound() {
            return false;
        }

        /** The strategy picked a server because the one that the request names cannot be used, or it names none. */
        default void picked(Candidate server) {}

        /**
         * An answer came.
         *
         * @param home the server where the session is from now on
         * @param answering the server that answered, which is another one after a retry
         * @param tokens to which is added what the caller is to carry
         */
        default void answered(
                Candidate home, Candidate answering, Affinity.Answer answer, List<Affinity.Token> tokens) {}
    }
}
