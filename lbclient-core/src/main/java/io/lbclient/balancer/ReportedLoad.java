package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.LoadReport;
import io.lbclient.PickContext;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** See {@link Balancers#reportedLoad()}. */
final class ReportedLoad implements Balancer {
    final long blackoutNanos;
    final long expirationNanos;
    private final long updateNanos;
    private final double errorPenalty;
    private final List<String> metricNames;

    ReportedLoad(ReportedLoadBuilder settings) {
        blackoutNanos = settings.blackoutPeriod.toNanos();
        expirationNanos = settings.weightExpirationPeriod.toNanos();
        updateNanos = settings.weightUpdatePeriod.toNanos();
        errorPenalty = settings.errorUtilizationPenalty;
        metricNames = settings.metricNames;
    }

    /** The formula of A58 and A114: what the server could answer, judged by what it answers; 0 if it cannot be said. */
    double weight(LoadReport report) {
        double utilization = report.applicationUtilization();
        if (utilization <= 0) {
            for (String name : metricNames) {
                utilization = Math.max(utilization, report.metric(name));
            }
        }
        if (utilization <= 0) {
            utilization = report.cpuUtilization();
        }
        double rps = report.rps();
        if (rps <= 0 || utilization <= 0) {
            return 0;
        }
        double weight = rps / (utilization + report.eps() / rps * errorPenalty);
        return weight <= Double.MAX_VALUE ? weight : 0;
    }

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        return new Reported(Weights.of(candidates), previous);
    }

    /** Deals out turns by the reports, and anew whenever its time has come. */
    private final class Reported implements Sequenced {
        private final Weights weights;
        private final ReportedWeight[] reported;
        private final Position position;
        /** Held by the one pick that deals out turns; shared with the former picker, which may still be in use. */
        private final AtomicBoolean dealing;

        private volatile Schedule schedule;

        Reported(Weights weights, @Nullable Picker previous) {
            this.weights = weights;
            this.position = Sequenced.positionAfter(previous);
            Reported before = previous instanceof Reported former ? former : null;
            this.dealing = before == null ? new AtomicBoolean() : before.dealing;
            this.reported = carriedOver(before);
            this.schedule = firstSchedule(before, previous);
        }

        /**
         * The turns until the first dealing: by what was dealt last, the mean for a newcomer. Equal turns would undo the
         * reports with every change of the list, for as long as another pick is still dealing.
         */
        private Schedule firstSchedule(@Nullable Reported before, @Nullable Picker previous) {
            double[] last = before == null ? null : before.schedule.dealtShares;
            if (before == null || last == null) {
                return new Schedule(byWeight(previous), null, false, 0);
            }
            IdentityHashMap<Candidate, Double> known = new IdentityHashMap<>();
            double sum = 0;
            for (int i = 0; i < last.length; i++) {
                known.put(before.weights.servers[i], last[i]);
                sum += last[i];
            }
            double mean = sum / last.length;
            double[] shares = new double[weights.count()];
            for (int i = 0; i < shares.length; i++) {
                shares[i] = known.getOrDefault(weights.servers[i], mean);
            }
            return new Schedule(StaticStride.bounded(weights.servers, shares, position), shares, false, 0);
        }

        private ReportedWeight[] carriedOver(@Nullable Reported before) {
            IdentityHashMap<Candidate, ReportedWeight> known = new IdentityHashMap<>();
            for (int i = 0; before != null && i < before.reported.length; i++) {
                known.put(before.weights.servers[i], before.reported[i]);
            }
            ReportedWeight[] all = new ReportedWeight[weights.count()];
            for (int i = 0; i < all.length; i++) {
                ReportedWeight kept = known.get(weights.servers[i]);
                all[i] = kept == null ? new ReportedWeight(ReportedLoad.this) : kept;
            }
            return all;
        }

        @Override
        public Candidate pick(PickContext context) {
            Schedule current = schedule;
            long now = context.now();
            if (!current.dealt || now - current.dealtAt >= updateNanos) {
                // The others go on by the old turns meanwhile.
                if (dealing.compareAndSet(false, true)) {
                    try {
                        current = deal(current.turns, now);
                        schedule = current;
                    } finally {
                        dealing.set(false);
                    }
                }
            }
            return current.turns.pick(context);
        }

        private Schedule deal(Picker before, long now) {
            int n = weights.count();
            double[] dealt = new double[n];
            int known = 0;
            for (int i = 0; i < n; i++) {
                dealt[i] = reported[i].at(weights.servers[i], now);
                known += dealt[i] > 0 ? 1 : 0;
            }
            if (known < 2) {
                return new Schedule(byWeight(before), null, true, now);
            }
            dealt = Weights.shares(dealt);
            double sum = 0;
            for (double share : dealt) {
                sum += share;
            }
            for (int i = 0; i < n; i++) {
                dealt[i] = (dealt[i] > 0 ? dealt[i] : sum / known) * weights.shares[i];
            }
            return new Schedule(StaticStride.bounded(weights.servers, dealt, position), dealt, true, now);
        }

        private Sequenced byWeight(@Nullable Picker before) {
            return weights.equal
                    ? Turns.inOrder(weights.servers, before instanceof Reported r ? r.schedule.turns : before, position)
                    : StaticStride.bounded(weights.servers, weights.shares, position);
        }

        @Override
        public Position position() {
            return position;
        }
    }

    /** The turns, and the shares that they were dealt by; null if by weight alone. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, and never changed once it is here.
    private record Schedule(Sequenced turns, double @Nullable [] dealtShares, boolean dealt, long dealtAt) {}
}
