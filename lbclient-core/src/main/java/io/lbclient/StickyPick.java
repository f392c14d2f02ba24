package io.lbclient;

import io.lbclient.Affinity.Bond;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the picks of a view go by the sessions of its pool: which servers may have whose requests, and who gets one. One for
 * each snapshot of the view; immutable.
 */
final class StickyPick implements Affinity.Standing {
    private final PoolState pool;
    private final String view;
    private final Affinity.Sessions sessions;
    private final Set<ServerState> members;
    private final Set<ServerState> awaited;
    private final Map<ServerState, Double> shares;
    private final Set<ServerState> lastResorts;

    private StickyPick(PoolState pool, String view, Affinity.Sessions sessions, Reach reach, Snapshot.Shares shares) {
        this.pool = pool;
        this.view = view;
        this.sessions = sessions;
        this.members = new HashSet<>(reach.now);
        this.awaited = new HashSet<>(reach.soon);
        awaited.removeAll(members);
        this.shares = shares.byServer();
        this.lastResorts = shares.lastResorts();
    }

    /** The servers that can be reached now, and those that a session may wait for. */
    record Reach(List<ServerState> now, List<ServerState> soon) {}

    /** Null for a pool without affinity, whose picks know nothing of all this. */
    static @Nullable StickyPick of(
            PoolState pool, String view, Reach reach, Snapshot snapshot, @Nullable StickyPick before) {
        Affinity.Sessions sessions = pool.affinity.sessions();
        if (sessions == null) {
            return null;
        }
        Snapshot.Shares shares = snapshot.shares();
        if (before != null && before.shares.equals(shares.byServer())) {
            // The same object for the same shares, so that counts that are kept against them can go on.
            shares = shares.withShares(before.shares);
        }
        return new StickyPick(pool, view, sessions, reach, shares);
    }

    /** A request's first attempt goes to the server that it belongs to, past strategy and trials, if that may be used. */
    Attempt first(Snapshot snapshot, Attempt attempt) {
        Bond bond = find(attempt);
        if (bond == null) {
            return snapshot.pick(attempt, false);
        }
        attempt.bind(bond);
        ServerState home = (ServerState) bond.server();
        if (home != null && awaited.contains(home)) {
            throw awaiting(home);
        }
        if (home != null && begin(attempt, home)) {
            return attempt;
        }
        if (bond.strict()) {
            throw refused(home);
        }
        snapshot.pick(attempt, false);
        if (home == null) {
            pool.news().guarded("the affinity", () -> bond.picked(attempt.candidate()));
        }
        return attempt;
    }

    private @Nullable Candidate next(Bond bond, Attempt attempt) {
        try {
            return bond.next(attempt::tried);
        } catch (RuntimeException | Error e) {
            pool.news().failed("the affinity, so a retry goes where the strategy says", e);
            return null;
        }
    }

    private boolean begin(Attempt attempt, ServerState home) {
        Health health = home.health();
        boolean trial = lastResorts.contains(home) || !(health.eligible() || health.withdrawn());
        if (attempt.begin(home, trial)) {
            return true;
        }
        // It filled up in this moment; if this was to be its trial, another one shall be. No offer to one that is
        // eligible.
        if (trial) {
            home.offerTrial();
        }
        return false;
    }

    private @Nullable Bond find(Attempt attempt) {
        try {
            return sessions.find(attempt.request(), this);
        } catch (RuntimeException | Error e) {
            pool.news().failed("the affinity, so a request is picked for as if it had no session", e);
            return null;
        }
    }

    /** A further attempt of a strict session has nowhere else to go, and one that was not sent has not been there. */
    Attempt again(Snapshot snapshot, Attempt attempt, Attempt previous) {
        Bond bond = previous.bond();
        if (bond == null) {
            return snapshot.pick(attempt, true);
        }
        attempt.bind(bond);
        ServerState home = (ServerState) bond.server();
        if (!bond.strict() && !(previous.unsent() && previous.candidate() == home)) {
            ServerState next = (ServerState) next(bond, attempt);
            return next != null && begin(attempt, next) ? attempt : snapshot.pick(attempt, true);
        }
        if (home != null && keeps(home)) {
            if (awaited.contains(home)) {
                throw awaiting(home);
            }
            if (begin(attempt, home)) {
                return attempt;
            }
        }
        if (!bond.strict()) {
            return snapshot.pick(attempt, true);
        }
        throw refused(home);
    }

    private NoServerAvailableException awaiting(ServerState home) {
        return NoServerAvailableException.awaiting(view + ": the session's server " + home + " is being connected to");
    }

    private NoServerAvailableException refused(@Nullable ServerState home) {
        return home == null
                ? new NoServerAvailableException(
                        view + ": the session's server may not be used (strict affinity)", false)
                : new NoServerAvailableException(
                        view + ": the session's server " + home + " has no room (strict affinity)", true);
    }

    @Override
    public boolean keeps(Candidate server) {
        ServerState state = (ServerState) server;
        return (members.contains(state) || awaited.contains(state))
                && (state.health().keepsSessions(pool.ticker().read()) || lastResorts.contains(state));
    }

    @Override
    public double share(Candidate server) {
        return shares.getOrDefault((ServerState) server, 0.0);
    }

    @Override
    public boolean claimTrial(Candidate server) {
        ServerState state = (ServerState) server;
        return members.contains(state) && state.health().trialOffered() && state.hasRoom() && state.takeTrial();
    }

    @Override
    public Object shares() {
        return shares;
    }
}
