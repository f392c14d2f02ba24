package io.lbclient;

/**
 * A source of elapsed time in nanoseconds.
 *
 * <p>Only differences between two readings mean anything; the origin is arbitrary and a reading may be negative or
 * wrap around. The library measures every duration with it, so a test that advances a ticker of its own never sleeps.
 * Implementations must be safe for use by many threads.
 */
@FunctionalInterface
public interface Ticker {
    /**
     * Returns the present reading.
     *
     * @return nanoseconds since an arbitrary origin
     */
    long read();

    /**
     * Returns the ticker that a pool uses unless told otherwise: {@link System#nanoTime()}.
     *
     * @return the system's monotonic clock
     */
    static Ticker system() {
        return System::nanoTime;
    }
}
