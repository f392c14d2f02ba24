package io.lbclient.okhttp;

import io.lbclient.NoServerAvailableException;
import java.io.IOException;

/**
 * What a caller of OkHttp can catch when a pool has no server: the message names the pool and counts its servers.
 *
 * <p>Without a stack trace, like its cause: it is thrown at the rate of the requests.
 */
final class NoServerException extends IOException {
    private static final long serialVersionUID = 1L;

    NoServerException(NoServerAvailableException cause) {
        super(cause.getMessage(), cause);
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
