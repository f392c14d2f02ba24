package io.lbclient.retry;

/**
 * What a request gets that may not even wait: every server is full, and so is the {@link PickQueue}; or the queue was
 * closed. The message names the pool.
 *
 * <p>It carries no stack trace, because it is thrown on the path of a request, at the rate of the requests.
 */
public final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    QueueFullException(String message) {
        super(message, null, false, false);
    }
}
