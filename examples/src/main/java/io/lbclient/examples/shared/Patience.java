package io.lbclient.examples.shared;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what is about to happen, and takes a busy machine for what it is. */
public final class Patience {
    private static final long MOST = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_PERIOD = TimeUnit.MILLISECONDS.toNanos(5);

    private Patience() {}

    /**
     * Waits until something is so, but no longer than half a minute.
     *
     * @param condition what is waited for
     * @return whether it came about
     */
    public static boolean until(BooleanSupplier condition) {
        long end = System.nanoTime() + MOST;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_PERIOD);
        }
        return true;
    }
}
