package io.lbclient.examples.resilience;

/** How a server of the demonstration behaves. */
enum Fault {
    /** It answers in a millisecond. */
    NONE,
    /** It answers 500, faster than the others answer anything. */
    FAILS_FAST,
    /** It accepts connections and requests, and never answers. */
    SILENT,
    /** It resets the connection in the middle of a body. */
    CUTS,
    /** It adds a second to one request in fifty, at random. */
    SLOW_TAIL
}
