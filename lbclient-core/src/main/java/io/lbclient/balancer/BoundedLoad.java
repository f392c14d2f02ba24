package io.lbclient.balancer;

import io.lbclient.Candidate;

/**
 * How many requests a server may have in flight before a hash is led past it, after Mirrokni, Thorup and Zadimoghaddam
 * (Consistent Hashing with Bounded Loads). The slots are Envoy's: of all in flight, this request included, times the
 * factor, rounded up, each server has its share by weight, rounded up, and at least one.
 *
 * <p>Envoy calls a server overloaded when it has more than its slots; here, as in HAProxy, when it has no slot left, so
 * that the request to come is within the bound too.
 */
final class BoundedLoad {
    private final Candidate[] servers;
    private final double[] weights;
    private final double totalWeight;
    private final int percent;

    BoundedLoad(Members members, int percent) {
        this.servers = members.servers;
        this.weights = members.weights;
        this.totalWeight = members.total;
        this.percent = percent;
    }

    /** The slots of all servers together at this moment. Reads every server. */
    long slots() {
        long active = 0;
        for (Candidate server : servers) {
            active += server.inFlight();
        }
        return ((active + 1) * percent + 99) / 100;
    }

    boolean hasRoom(int server, long slots) {
        return servers[server].inFlight() < slotsOf(server, slots);
    }

    double usage(int server, long slots) {
        return servers[server].inFlight() / slotsOf(server, slots);
    }

    private double slotsOf(int server, long slots) {
        return Math.max(1, Math.ceil(slots * weights[server] / totalWeight));
    }
}
