package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.LoadReport;
import io.lbclient.PickContext;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * See {@link Balancers#prequal(Prober)}. Source: Wydrowski et al., Load is not what you should balance: Introducing
 * Prequal, NSDI 2024, section 4.
 */
final class Prequal implements Balancer {
    private static final Logger LOG = LoggerFactory.getLogger(Prequal.class);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int DRAWS_PER_PROBE = 4;
    /** An answer that has so many uses ends by its age. */
    private static final int UNLIMITED = Integer.MAX_VALUE;

    private final @Nullable Prober prober;
    private final int poolSize;
    private final double probeRate;
    private final double removeRate;
    private final double delta;
    private final long maxAgeNanos;
    private final double rifQuantile;
    private final String rifMetric;
    private final String latencyMetric;

    Prequal(PrequalBuilder settings) {
        prober = settings.prober;
        poolSize = settings.poolSize;
        probeRate = settings.probeRate;
        removeRate = settings.removeRate();
        delta = settings.delta;
        maxAgeNanos = settings.maxAge.toNanos();
        rifQuantile = settings.rifQuantile;
        rifMetric = settings.rifMetric;
        latencyMetric = settings.latencyMetric;
    }

    /** How often an answer may be used, b_reuse in the paper: infinite where its divisor makes no sense. */
    double reuse(int servers) {
        double divisor = (1 - (double) poolSize / servers) * probeRate - removeRate;
        return divisor <= 0 ? Double.POSITIVE_INFINITY : Math.max(1, (1 + delta) / divisor);
    }

    @Override
    public Picker picker(List<? extends Candidate> candidates, @Nullable Picker previous) {
        Probing next = new Probing(Weights.of(candidates), previous instanceof Probing former ? former : null);
        next.shared.current = next;
        return next;
    }

    /** What the pickers of one pool, one after the other, have in common. */
    private final class Shared {
        final FractionalRate probes = new FractionalRate(probeRate);
        final FractionalRate removals = new FractionalRate(removeRate);
        final RifThreshold threshold = new RifThreshold(rifQuantile);
        final AtomicInteger removed = new AtomicInteger();
        final AtomicBoolean failed = new AtomicBoolean();
        volatile @Nullable Probing current;
    }

    /** One server as a destination of probes. It outlives the pickers, as answers do. */
    private final class Target implements Prober.Reply {
        final Candidate server;
        final Shared shared;
        volatile boolean member = true;
        private volatile long askedAt;
        private volatile @Nullable RandomGenerator random;
        private volatile @Nullable Reported reported;

        Target(Candidate server, Shared shared) {
            this.server = server;
            this.shared = shared;
        }

        /** The age of an answer counts from the question, which is the later one if two are under way. */
        void ask(Prober transport, PickContext context) {
            askedAt = context.now();
            random = context.random();
            try {
                transport.probe(server, this);
            } catch (RuntimeException | Error e) {
                if (shared.failed.compareAndSet(false, true)) {
                    LOG.warn(
                            "a prober failed, so there is no answer from {}; further failures are not logged",
                            server,
                            e);
                }
            }
        }

        @Override
        public void answer(int requestsInFlight, long latencyNanos) {
            Probing current = shared.current;
            RandomGenerator generator = random;
            // A server may have left the pool before its answer came. The picker is read before the membership, which
            // is ended before a picker without the server is put in place.
            if (requestsInFlight >= 0 && latencyNanos >= 0 && member && current != null && generator != null) {
                current.add(probe(current, requestsInFlight, latencyNanos, askedAt, generator));
            }
        }

        private Probe probe(Probing picker, int rif, long latencyNanos, long asOf, RandomGenerator generator) {
            shared.threshold.add(rif);
            long latency = latencyNanos > 0 ? latencyNanos : picker.answers.medianLatency();
            return new Probe(server, rif, latency, asOf, picker.uses(generator));
        }

        /** A report is an answer that needs no question: it counts while it is fresh, and until it is used up. */
        void takeReport(Probing picker, PickContext context) {
            LoadReport report = server.loadReport();
            if (report == null) {
                return;
            }
            Reported last = reported;
            long asOf = server.loadReportNanos();
            if (last == null || !last.isOf(report, asOf)) {
                if (report.metric(rifMetric) == 0 && !report.metrics().containsKey(rifMetric)) {
                    return;
                }
                int rif = (int) Math.min(report.metric(rifMetric), 1e9);
                long latency = (long) (report.metric(latencyMetric) * NANOS_PER_SECOND);
                last = new Reported(report, probe(picker, rif, latency, asOf, context.random()));
                reported = last;
            }
            if (!last.probe.usedUp()
                    && context.now() - last.probe.asOf <= maxAgeNanos
                    && !picker.answers.contains(last.probe)) {
                picker.add(last.probe);
            }
        }
    }

    private record Reported(LoadReport report, Probe probe) {
        boolean isOf(LoadReport other, long asOf) {
            return probe.asOf == asOf && report.equals(other);
        }
    }

    private final class Probing implements Picker {
        private final Weights weights;
        private final Lots lots;
        private final Target[] targets;
        private final Shared shared;
        private final ProbePool answers = new ProbePool(poolSize, maxAgeNanos);
        private final int wholeUses;
        private final double fractionOfUse;

        Probing(Weights weights, @Nullable Probing former) {
            this.weights = weights;
            this.lots = new Lots(weights);
            this.shared = former == null ? new Shared() : former.shared;
            double reuse = reuse(weights.count());
            this.wholeUses = reuse < UNLIMITED ? (int) reuse : UNLIMITED;
            this.fractionOfUse = reuse < UNLIMITED ? reuse - wholeUses : 0;
            this.targets = targets(former);
        }

        private Target[] targets(@Nullable Probing former) {
            IdentityHashMap<Candidate, Target> known = new IdentityHashMap<>();
            for (int i = 0; former != null && i < former.targets.length; i++) {
                known.put(former.targets[i].server, former.targets[i]);
            }
            Target[] all = new Target[weights.count()];
            IdentityHashMap<Candidate, Target> left = new IdentityHashMap<>();
            for (int i = 0; i < all.length; i++) {
                Target kept = known.remove(weights.servers[i]);
                all[i] = kept == null ? new Target(weights.servers[i], shared) : kept;
                left.put(all[i].server, all[i]);
            }
            known.values().forEach(target -> target.member = false);
            if (former != null) {
                answers.takeOver(former.answers, left::containsKey);
            }
            return all;
        }

        @Override
        public Candidate pick(PickContext context) {
            if (targets.length == 1) {
                return targets[0].server;
            }
            sendProbes(context);
            int threshold = shared.threshold.get();
            Probe best = answers.best(threshold, context.now());
            Candidate picked;
            if (best == null) {
                picked = targets[lots.drawn(context.random().nextLong(), 0)].server;
            } else {
                best.use();
                picked = best.server;
            }
            for (int i = shared.removals.next(); i > 0; i--) {
                if ((shared.removed.getAndIncrement() & 1) == 0) {
                    answers.removeOldest();
                } else {
                    answers.removeWorst(threshold);
                }
            }
            return picked;
        }

        private void sendProbes(PickContext context) {
            int wanted = Math.min(shared.probes.next(), targets.length);
            if (wanted == 0) {
                return;
            }
            long seed = context.random().nextLong();
            int sent = 0;
            for (int draw = 0; sent < wanted && draw < wanted * DRAWS_PER_PROBE; draw++) {
                int next = lots.drawn(seed, draw);
                if (!lots.amongDrawn(next, seed, draw)) {
                    sent++;
                    ask(targets[next], context);
                }
            }
        }

        private void ask(Target target, PickContext context) {
            Prober transport = prober;
            if (transport == null) {
                target.takeReport(this, context);
            } else {
                target.ask(transport, context);
            }
        }

        void add(Probe probe) {
            answers.add(probe);
        }

        /** A budget such as 1.3 is 1 or 2, so that 1.3 is the mean. */
        int uses(RandomGenerator random) {
            return fractionOfUse > 0 && Draw.unit(random.nextLong()) < fractionOfUse ? wholeUses + 1 : wholeUses;
        }
    }
}
