package io.lbclient.okhttp;

import java.io.InterruptedIOException;

/** The interruption of a thread that waits, as OkHttp's callers know it. */
final class Interruption {
    private Interruption() {}

    static InterruptedIOException of(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException told = new InterruptedIOException("interrupted");
        told.initCause(cause);
        return told;
    }
}
