package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.MonitoredPool;
import java.time.Duration;
import java.util.List;

/**
 * Keeps the requests of a session on one server, by one of several ways or by several in order: a hash of a key, a signed
 * cookie or token, or the id of a session that is remembered in an {@link AffinityStore}.
 *
 * <pre>{@code
 * ServerPool shop = ServerPool.builder("shop")
 *     .servers(...)
 *     .affinity(SessionAffinity.builder().cookie("lb", TokenKeys.of(secret)).build())
 *     .build();
 * }</pre>
 *
 * <p>The server of a session outranks the pool's strategy, and health outranks that. When the server left the pool, is
 * ejected, unhealthy or disabled, the strategy picks another one and the session is bound to that from then on; the old
 * one, back again, does not get it back. A server that drains keeps the sessions that it has until the drain's time is
 * over, and gets no new ones. One that has as much in flight as its limit allows is passed over for one request, and
 * keeps the session. A retry or a hedge that was answered elsewhere moves nobody either, unless the session's
 * server has been taken out meanwhile.
 *
 * <p>Requests of known sessions take no turn of the strategy and no trial of an ejected server, so they change nothing
 * for the others. Immutable; one object can serve many pools.
 */
public final class SessionAffinity implements Affinity {
    private final List<Tie.Maker> ties;
    private final Tie.Common common;
    private final boolean strict;
    private final double boundedLoad;
    private final Duration drainTime;

    SessionAffinity(SessionAffinityBuilder settings, List<Tie.Maker> ties) {
        this.common = new Tie.Common(settings.lifetime, settings.lookupWait, settings.clock);
        this.ties = List.copyOf(ties);
        this.strict = settings.strict;
        this.boundedLoad = settings.boundedLoad;
        this.drainTime = settings.drainTime;
    }

    /**
     * Begins an affinity without any way of tying sessions to servers; add at least one.
     *
     * @return a builder
     */
    public static SessionAffinityBuilder builder() {
        return new SessionAffinityBuilder();
    }

    @Override
    public Sessions start(MonitoredPool pool) {
        List<Tie> made = ties.stream().map(tie -> tie.make(pool, common)).toList();
        return new PoolSessions(made, strict, boundedLoad == 0 ? null : new NewSessions(boundedLoad));
    }

    @Override
    public Duration drainTime() {
        return drainTime;
    }
}
