package io.lbclient;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interleavings")
@DisplayName("In whatever order health changes and is told, each change asks for a rebuild")
@SuppressWarnings({"exports", "missing-explicit-ctor"}) // Lincheck makes instances from outside the package.
public class FlipRaceLincheckTest {
    /** A scenario has fewer calls. */
    private static final int CALLS = 12;

    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicIntegerArray asked = new AtomicIntegerArray(CALLS);
    // One for each call: a rebuild that another change has asked for already would hide that this one did not.
    private final PoolState[] pools = IntStream.range(0, CALLS)
            .mapToObj(i -> Lincheck.poolAsking(() -> asked.set(i, 1)))
            .toArray(PoolState[]::new);
    private final ServerState server = Lincheck.server();

    @Operation
    public boolean raise() {
        return judge(before -> before.raised(HealthCause.OUTLIER, new Raise(this, "", null)));
    }

    @Operation
    public boolean clear() {
        return judge(before -> before.cleared(HealthCause.OUTLIER, this, ""));
    }

    private boolean judge(UnaryOperator<Health> verdict) {
        int call = calls.getAndIncrement();
        boolean changed = pools[call].judge(server, verdict);
        if (changed && asked.get(call) == 0) {
            lost.incrementAndGet();
        }
        return changed;
    }

    /** As whoever tells the news does. */
    @Operation
    public int tell() {
        return server.takeNews().size();
    }

    @Validate
    public void aChangeReachesThePicks() {
        if (lost.get() > 0) {
            throw new IllegalStateException(lost + " changes that no rebuild was asked for");
        }
    }

    @Test
    void noFlipIsLost() {
        Lincheck.check(FlipRaceLincheckTest.class);
    }
}
