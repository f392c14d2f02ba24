package io.lbclient.test.sim;

import io.lbclient.Candidate;
import io.lbclient.balancer.Prober;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Carries probes to the servers, and their answers back. */
final class Probes implements Prober {
    /** One way; there and back it is 0.3 to 1 ms. */
    private static final double LEAST_NANOS = 150_000;

    private static final double MORE_NANOS = 350_000;

    private final Engine engine;
    private final Stream delays;
    private final ArrayDeque<Trip> free = new ArrayDeque<>();

    Probes(Engine engine, Stream delays) {
        this.engine = engine;
        this.delays = delays;
    }

    @Override
    public void probe(Candidate server, Reply reply) {
        Trip trip = free.poll();
        if (trip == null) {
            trip = new Trip();
        }
        trip.start(engine.server(server.server()), reply);
    }

    private long delay() {
        return (long) (LEAST_NANOS + MORE_NANOS * delays.nextDouble());
    }

    /** One probe: on its way there, and then on its way back. */
    private final class Trip implements Agenda.Step {
        private @Nullable Reply reply;
        private @Nullable LiveServer asked;
        private boolean back;
        private int inFlight;
        private long latencyNanos;

        void start(LiveServer server, Reply to) {
            reply = to;
            asked = server;
            back = false;
            engine.later(engine.now() + delay(), this);
        }

        @Override
        public void run(long now) {
            if (back) {
                Reply to = reply;
                if (to != null) {
                    to.answer(inFlight, latencyNanos);
                }
            } else if (asked != null && asked.answersProbes()) {
                inFlight = asked.inFlight();
                latencyNanos = asked.latencyNanos(now);
                back = true;
                engine.later(now + delay(), this);
                return;
            }
            reply = null;
            asked = null;
            free.push(this);
        }
    }
}
