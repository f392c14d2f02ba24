package io.lbclient.balancer;

import io.lbclient.Candidate;
import io.lbclient.LoadReport;

/**
 * The weight that one server's reports give it (gRFC A58). One thread at a time: whoever deals out the turns anew.
 *
 * <p>Reports are looked at when the turns are dealt out, not one by one as they come; of those that came since the last
 * time, the last one counts.
 */
final class ReportedWeight {
    private final ReportedLoad settings;
    private boolean begun;
    private long since;
    private double weight;
    private long lastUpdated;
    private boolean empty = true;
    private long nonEmptySince;

    ReportedWeight(ReportedLoad settings) {
        this.settings = settings;
    }

    /** The weight as it stands at a time; 0 if there is none that counts. */
    double at(Candidate server, long now) {
        if (!begun) {
            begun = true;
            since = now;
        }
        take(server);
        if (empty) {
            return 0;
        }
        if (now - lastUpdated >= settings.expirationNanos) {
            empty = true;
            return 0;
        }
        return now - nonEmptySince < settings.blackoutNanos ? 0 : weight;
    }

    private void take(Candidate server) {
        LoadReport report = server.loadReport();
        long came = server.loadReportNanos();
        // What a server said before it came back says nothing about what it is now.
        if (report == null || came - since < 0) {
            return;
        }
        // The same report may be taken many times: it changes nothing, and keeps the time at which it came.
        double next = settings.weight(report);
        if (next > 0) {
            weight = next;
            lastUpdated = came;
            nonEmptySince = empty ? came : nonEmptySince;
            empty = false;
        }
    }
}
