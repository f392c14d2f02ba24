package io.lbclient;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interleavings")
@DisplayName("In whatever order threads add and drain, each event runs once, one at a time, and none is left")
@SuppressWarnings({"exports", "missing-explicit-ctor"}) // Lincheck makes instances from outside the package.
public class EventQueueLincheckTest {
    private final AtomicInteger failures = new AtomicInteger();
    private final EventQueue events = new EventQueue(e -> failures.incrementAndGet());
    private final AtomicInteger added = new AtomicInteger();
    // Not safe for use by many threads: what is to be shown is that only one is at it at a time.
    private final List<Integer> run = new ArrayList<>();
    private volatile int inside;

    @Operation
    public void add() {
        int number = added.incrementAndGet();
        events.add(() -> enter(number));
        events.drain();
    }

    @Operation
    public void addOneThatThrows() {
        int number = added.incrementAndGet();
        events.add(() -> {
            enter(number);
            throw new IllegalStateException("an event's mistake");
        });
        events.drain();
    }

    @Operation
    public void addFromInside() {
        int number = added.incrementAndGet();
        events.add(() -> {
            enter(number);
            int nested = added.incrementAndGet();
            events.add(() -> enter(nested));
            events.drain();
        });
        events.drain();
    }

    private void enter(int number) {
        if (inside != 0) {
            failures.addAndGet(1000);
        }
        inside = number;
        run.add(number);
        inside = 0;
    }

    @Validate
    public void allRanOnce() {
        long different = run.stream().distinct().count();
        if (failures.get() >= 1000 || run.size() != added.get() || different != run.size()) {
            throw new IllegalStateException(run + " ran of " + added + ", " + failures + " failures");
        }
    }

    @Test
    void eachRunsOnce() {
        Lincheck.check(EventQueueLincheckTest.class);
    }
}
