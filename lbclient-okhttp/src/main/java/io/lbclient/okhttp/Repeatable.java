package io.lbclient.okhttp;

/**
 * A request tag that says whether the request may be sent again although a server may have processed it, whatever its
 * method.
 *
 * <pre>{@code
 * new Request.Builder().url(url).post(body).tag(Repeatable.class, Repeatable.YES).build()
 * }</pre>
 *
 * <p>Without the tag, requests with an idempotent method (GET, HEAD, OPTIONS, TRACE, PUT, DELETE) or a header {@code
 * Idempotency-Key} may. Whatever it says, a body that can be written only once is never sent again.
 */
public enum Repeatable {
    /** The request may be sent again: to do it twice is as good as to do it once. */
    YES,
    /** The request is sent once, whatever its method. It still moves on if nothing of it was sent. */
    NO
}
