package io.lbclient.grpc;

import io.grpc.Status;
import io.lbclient.Outcome;

/** What the ending of a stream says about the server, unless the user has another rule. */
final class Outcomes {
    private Outcomes() {}

    static Outcome of(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, INTERNAL, UNKNOWN, DATA_LOSS -> Outcome.FAILURE;
            case DEADLINE_EXCEEDED -> Outcome.TIMEOUT;
            case RESOURCE_EXHAUSTED -> Outcome.OVERLOADED;
            case CANCELLED -> Outcome.CANCELLED;
            // The server works: what it was asked for does not exist, is not allowed, or not implemented.
            default -> Outcome.SUCCESS;
        };
    }
}
