package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.Candidate;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.RequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The sessions of one pool: asks the ways in which they are tied in turn, and binds what is new in all of them. */
final class PoolSessions implements Affinity.Sessions {
    private final Tie[] ties;
    private final boolean strict;
    private final @Nullable NewSessions bound;

    PoolSessions(List<Tie> ties, boolean strict, @Nullable NewSessions bound) {
        this.ties = ties.toArray(Tie[]::new);
        this.strict = strict;
        this.bound = bound;
    }

    @Override
    public OutcomeObserver joined(Candidate server) {
        for (Tie tie : ties) {
            tie.joined(server);
        }
        return OutcomeObserver.NONE;
    }

    @Override
    public void left(Candidate server) {
        for (Tie tie : ties) {
            tie.left(server);
        }
    }

    @Override
    public void close() {
        // The stores are their users', who may have given them to other pools as well.
    }

    @Override
    public Affinity.Bond find(RequestView request, Affinity.Standing standing) {
        Tie.Hold[] holds = new Tie.Hold[ties.length];
        Candidate home = null;
        boolean named = false;
        // All are asked only if none of the first knows a server; what the others know is looked up when it is needed.
        for (int i = 0; i < ties.length && home == null; i++) {
            holds[i] = ties[i].hold(request, standing);
            home = holds[i].server();
            named |= holds[i].bound();
        }
        return new RequestBond(request, standing, holds, home, strict && named);
    }

    @Override
    public Affinity.@Nullable LookedUp lookUp(RequestView request) {
        List<Tie.LookUp> begun = new ArrayList<>(ties.length);
        for (Tie tie : ties) {
            Tie.LookUp one = tie.lookUp(request);
            if (one != null) {
                begun.add(one);
            }
        }
        // All are asked before the first is waited for.
        return begun.isEmpty() ? null : FoundSessions.of(begun);
    }

    private final class RequestBond implements Affinity.Bond {
        private final RequestView request;
        private final Affinity.Standing standing;
        private final Tie.Hold[] holds;
        private final @Nullable Candidate home;
        private final boolean kept;

        RequestBond(
                RequestView request,
                Affinity.Standing standing,
                Tie.Hold[] holds,
                @Nullable Candidate home,
                boolean kept) {
            this.request = request;
            this.standing = standing;
            this.holds = holds;
            this.home = home;
            this.kept = kept;
        }

        @Override
        public @Nullable Candidate server() {
            return home;
        }

        @Override
        public @Nullable Candidate next(Predicate<? super Candidate> tried) {
            for (Tie.Hold hold : holds) {
                Candidate next = hold == null ? null : hold.next(tried);
                if (next != null) {
                    return next;
                }
            }
            return null;
        }

        @Override
        public boolean strict() {
            return kept;
        }

        @Override
        public boolean admits(Candidate server) {
            return bound == null || bound.admits(server, standing);
        }

        @Override
        public void picked(Candidate server) {
            if (bound != null) {
                bound.took(server, standing);
            }
            for (Tie.Hold hold : holds) {
                hold.picked(server);
            }
        }

        @Override
        public List<Affinity.Token> answered(Candidate server, Affinity.Answer answer) {
            List<Affinity.Token> tokens = new ArrayList<>(1);
            // A retry or a hedge that was answered elsewhere moves nobody: the state of the session is where it was.
            // Unless that server is out by now; then the session is where it was answered, and does not move a second
            // time.
            Candidate at = home != null && (home == server || standing.keeps(home)) ? home : server;
            for (int i = 0; i < ties.length; i++) {
                Tie.Hold hold = holds[i] == null ? ties[i].hold(request, standing) : holds[i];
                hold.answered(at, server, answer, tokens);
            }
            return tokens;
        }
    }
}
