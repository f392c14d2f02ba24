package io.lbclient.test.sim;

import io.lbclient.Attempt;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import org.jspecify.annotations.Nullable;

/** One attempt of one request, on its way to a server and back. The objects are used again. */
final class Visit implements Agenda.Step {
    /** Tells apart what the object stands for at different times. */
    long generation;

    // The request
    Client client;
    long draws;
    long born;
    double workNanos;
    int key;
    int number;

    // The attempt
    @Nullable Attempt attempt;

    LiveServer server;
    Outcome outcome = Outcome.SUCCESS;

    @Nullable LoadReport report;
    /** Whether the client still waits for the answer. */
    boolean awaited;
    /** Whether it is on the wire or at the server, which goes on working when the client has given up. */
    boolean underway;

    long arrived;
    int inFlightThen;

    Visit(Client client, LiveServer server) {
        this.client = client;
        this.server = server;
    }

    /** A failure that takes its time, but no work. */
    @Override
    public void run(long now) {
        server.failed(this, now);
    }
}
