package io.lbclient.okhttp;

import java.io.IOException;

/**
 * What a caller of OkHttp can catch when a pool has no server, or none that has room: the message names the pool.
 *
 * <p>Without a stack trace, like its cause: it is thrown at the rate of the requests.
 */
final class NoServerException extends IOException {
    private static final long serialVersionUID = 1L;

    NoServerException(Throwable cause) {
        this(String.valueOf(cause.getMessage()), cause);
    }

    NoServerException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
