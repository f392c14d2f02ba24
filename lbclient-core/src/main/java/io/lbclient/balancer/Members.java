package io.lbclient.balancer;

import io.lbclient.Candidate;
import io.lbclient.Server;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The servers that a hashing strategy places, with their weights as configured, since placements that must agree with
 * another program need more than relations. Servers of weight 0 are left out, unless all are: then all weigh 1. So are
 * those that {@link Weights} leaves out.
 */
final class Members {
    /** At least one; in the order in which the pool was given them. */
    final Candidate[] servers;
    /** Greater than 0 and finite, the greatest at least 1; in the order of the servers. */
    final double[] weights;
    /** Finite, in units of the weights. */
    final double total;

    private Members(Candidate[] servers, double[] weights, double total) {
        this.servers = servers;
        this.weights = weights;
        this.total = total;
    }

    static Members of(List<? extends Candidate> candidates) {
        double[] configured = candidates.stream().mapToDouble(Candidate::weight).toArray();
        double[] shares = Weights.shares(configured);
        double greatest = Arrays.stream(configured).max().orElse(0);
        if (greatest < 1 || Double.isInfinite(Arrays.stream(configured).sum())) {
            // Less than one unit would be too few points to tell weights apart, and an infinite sum has no parts: of
            // weights like these only the relations count.
            configured = shares;
        }
        Candidate[] servers = candidates.toArray(Candidate[]::new);
        int count = 0;
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] > 0) {
                servers[count] = servers[i];
                configured[count++] = configured[i];
            }
        }
        double[] weights = Arrays.copyOf(configured, count);
        return new Members(
                Arrays.copyOf(servers, count), weights, Arrays.stream(weights).sum());
    }

    int count() {
        return servers.length;
    }

    /** Weights that add up to 1, computed as Envoy does: weight by sum. */
    double[] normalized() {
        return Arrays.stream(weights).map(weight -> weight / total).toArray();
    }

    /**
     * The name under which each server is placed. Servers with one name would get the same points, and all but one no
     * traffic: all but the one with the least id have the id added.
     */
    String[] names(ServerName naming) {
        String[] names = new String[servers.length];
        boolean ids = true;
        for (int i = 0; i < names.length; i++) {
            Server server = servers[i].server();
            names[i] = KeyText.ofString(naming.of(server));
            ids &= names[i].equals(server.id());
        }
        // Ids differ from each other, so names that are the ids, as usual, do too: they are spared the table.
        if (!ids) {
            distinguish(names);
        }
        return names;
    }

    private void distinguish(String[] names) {
        Map<String, String> owners = new HashMap<>(2 * names.length);
        for (int i = 0; i < names.length; i++) {
            String id = servers[i].server().id();
            owners.merge(names[i], id, (known, other) -> known.compareTo(other) <= 0 ? known : other);
        }
        for (int i = 0; i < names.length; i++) {
            String id = servers[i].server().id();
            if (!id.equals(owners.get(names[i]))) {
                names[i] = names[i] + '#' + id;
            }
        }
    }
}
