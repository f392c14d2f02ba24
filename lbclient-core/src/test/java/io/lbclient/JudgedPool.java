package io.lbclient;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A monitor that judges nothing by itself, so that a test can; it writes down what it is told. */
final class JudgedPool implements HealthMonitor, HealthMonitor.Watch {
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private @Nullable MonitoredPool pool;

    @Override
    public Watch start(MonitoredPool watched) {
        pool = watched;
        return this;
    }

    MonitoredPool pool() {
        return Objects.requireNonNull(pool, "the monitor has not been started");
    }

    Candidate candidate(String id) {
        return pool().candidates().stream()
                .filter(c -> c.server().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    void raise(String id, HealthCause cause) {
        pool().raise(candidate(id), cause, "judged bad");
    }

    void clear(String id, HealthCause cause) {
        pool().clear(candidate(id), cause, "judged good");
    }

    void offerTrial(String id) {
        pool().offerTrial(candidate(id));
    }

    @Override
    public HealthMonitor.OutcomeObserver joined(Candidate server) {
        told.add("joined " + server.server().id());
        return (outcome, latency, trial) -> told.add(
                (trial ? "trial " : "") + outcome + " at " + server.server().id());
    }

    @Override
    public void eligible(Candidate server) {
        told.add("eligible " + server.server().id());
    }

    @Override
    public void left(Candidate server) {
        told.add("left " + server.server().id());
    }

    @Override
    public void close() {
        told.add("closed");
    }
}
