package io.lbclient;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the requests of a session on one server: settings only, so that one object can serve many pools.
 *
 * <p>What a session is bound to outranks the strategy, and health outranks that: a bound server that left, is ejected,
 * unhealthy or disabled is not used. The ready-made one is {@code io.lbclient.session.SessionAffinity}.
 */
@FunctionalInterface
public interface Affinity {
    /**
     * Starts keeping the sessions of a pool.
     *
     * @param pool the pool
     * @return what the pool asks before each pick; it is told of servers as a health monitor is
     */
    Sessions start(MonitoredPool pool);

    /**
     * Returns how long a draining server keeps its sessions if the drain itself does not say.
     *
     * @return the time, 5 minutes unless overridden; zero moves them at once
     */
    default Duration drainTime() {
        return Duration.ofMinutes(5);
    }

    /** The sessions of one pool. Safe for use by many threads. */
    interface Sessions extends HealthMonitor.Watch {
        /**
         * Finds what a request is bound to. Called before the first pick of each request, on its thread.
         *
         * @param request what may be read of the request
         * @param standing which servers may be used now
         * @return the bond of the request, also if it is bound to nothing yet
         */
        Bond find(RequestView request, Standing standing);

        /**
         * Looks up what {@link #find} would have to wait for, such as the answer of a store. It may wait, on the thread of
         * whoever makes the request; a find that sees the result in its request does not.
         *
         * @param request what may be read of the request
         * @return what was found; null if finding never waits
         */
        default @Nullable LookedUp lookUp(RequestView request) {
            return null;
        }
    }

    /**
     * What was looked up of a request before its pick, where picks must not wait. The adapter keeps it, and shows it as the
     * request's attribute of this type.
     */
    interface LookedUp {}

    /** Which servers may be used at one moment, as the pool or the view sees it. */
    interface Standing {
        /**
         * Returns whether a server may have the requests of sessions that it has already: it is eligible, or it drains
         * and the time for that is not over, or it is picked for want of others.
         *
         * @param server the server
         * @return true if it may
         */
        boolean keeps(Candidate server);

        /**
         * Returns a server's part of the picks, by tiers, zones and weights, before any strategy.
         *
         * @param server the server
         * @return 0 to 1; 0 for a server that gets nothing new
         */
        double share(Candidate server);

        /**
         * Claims the one request with which an ejected server is to be tried again. For ways that remember nothing, and so
         * would send it this very request if it were back.
         *
         * @param server the server
         * @return true if the request is to go there; false if no trial is due
         */
        boolean claimTrial(Candidate server);

        /**
         * Returns what stands for these shares: the same object as long as they are the same.
         *
         * @return an object to be compared by identity
         */
        Object shares();
    }

    /** What ties one request to a server, through all its attempts. */
    interface Bond {
        /**
         * Returns the server that the request belongs to, if that may be used.
         *
         * @return the server, or null if the strategy is to pick one
         */
        @Nullable Candidate server();

        /**
         * Returns where a further attempt of the request belongs, if that follows from the request.
         *
         * @param tried whether an earlier attempt went to a server
         * @return a server that was not tried, or null if the strategy is to pick one
         */
        default @Nullable Candidate next(Predicate<? super Candidate> tried) {
            return null;
        }

        /**
         * Returns whether the request is bound and must go to its server or fail.
         *
         * @return false if another server may answer
         */
        boolean strict();

        /**
         * Returns whether a server may take this request as a new session.
         *
         * @param server a server that the strategy named
         * @return false if it has had more than its part of late
         */
        boolean admits(Candidate server);

        /**
         * Notes which server the strategy picked first for a request that has no usable one.
         *
         * @param server the server
         */
        void picked(Candidate server);

        /**
         * Notes which server answered, and binds the session where that is due.
         *
         * @param server the server
         * @param answer what may be read of the answer
         * @return what the caller is to carry from now on; usually empty
         */
        List<Token> answered(Candidate server, Answer answer);
    }

    /** What may be read of an answer: an adapter shows the server's own headers through this, or gRPC's metadata. */
    @FunctionalInterface
    interface Answer {
        /**
         * Returns the values of a header.
         *
         * @param name the name, in any case
         * @return the values in the order in which they came; empty if there are none
         */
        List<String> headers(String name);
    }

    /** How a token travels. */
    enum Carrier {
        /** In a cookie. */
        COOKIE,
        /** In a header, or gRPC metadata. */
        HEADER
    }

    /**
     * What a caller sends with its further requests, so that they are known again.
     *
     * @param carrier how it travels
     * @param name the cookie's or the header's name
     * @param value the value, made of letters, digits, {@code -} and {@code _}
     * @param lifetime how long it is good for
     */
    record Token(Carrier carrier, String name, String value, Duration lifetime) {
        /** The value is left out: who has it is taken to the same server. */
        @Override
        public String toString() {
            return carrier + " " + name;
        }
    }
}
