package io.lbclient.test.sim;

import io.lbclient.Attempt;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import io.lbclient.retry.RetryRun;
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

    /** What the retry policy has seen of the request; null before its first failure. */
    @Nullable RetryRun<Outcome> run;

    // The attempt
    @Nullable Attempt attempt;

    LiveServer server;
    Outcome outcome = Outcome.SUCCESS;

    @Nullable LoadReport report;
    /** Whether the client still waits for the answer. */
    boolean awaited;
    /** Whether it is on the wire or at the server, which goes on working when the client has given up. */
    boolean underway;

    /** Up to which progress of its server it keeps it busy. */
    double end;

    long arrived;
    int inFlightThen;

    Visit(Client client, LiveServer server) {
        this.client = client;
        this.server = server;
    }

    /** Stands for one more attempt at the same request, whose work is still to be drawn. */
    void repeats(Visit before) {
        draws = before.draws;
        born = before.born;
        key = before.key;
        number = before.number + 1;
        run = before.run;
    }

    void forget() {
        generation++;
        attempt = null;
        report = null;
        run = null;
    }

    /** A failure that takes its time, but no work. */
    @Override
    public void run(long now) {
        server.failed(this, now);
    }
}
