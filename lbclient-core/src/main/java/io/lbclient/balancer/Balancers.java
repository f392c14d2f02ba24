package io.lbclient.balancer;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.internal.Checks;

/** The load-balancing strategies. Each is immutable, safe to share between pools, and holds settings only. */
public final class Balancers {
    private Balancers() {}

    /** {@return the strategy that a pool uses unless told otherwise, see {@link Balancer#adaptive()}} */
    public static Balancer adaptive() {
        return Balancer.adaptive();
    }

    /**
     * Returns round robin: each server in its turn. Weights are ignored, but weight 0 means no turn.
     *
     * <p>The turn starts at a random server and goes on when the list changes.
     *
     * @return round robin
     */
    public static Balancer roundRobin() {
        return new RoundRobin();
    }

    /**
     * Returns smooth weighted round robin: each server in its turn, and more turns the greater its weight, spread out
     * as evenly as they can be. Weights 5, 1 and 1 give {@code a a b a c a a}.
     *
     * <p>The order is that of nginx, from a random place in its period on, as long as the weights stand in the relation
     * of whole numbers that add up to at most 16 384 (fewer with more than 256 servers). For other weights the turns
     * are dealt out as by {@link #staticStride()}, but without its bounds on the weights: the shares are right to
     * 1/65535 of the greatest weight, and the cost grows with the greatest weight's ratio to the mean.
     *
     * @return smooth weighted round robin
     */
    public static Balancer weightedRoundRobin() {
        return new SmoothWeightedRoundRobin();
    }

    /**
     * Returns weighted round robin by the static stride scheduler of gRPC (gRFC A58): turns in proportion to the
     * weights, less evenly spread than {@link #weightedRoundRobin()}, for weights of any size and fraction.
     *
     * <p>As there, a weight counts as at most 10 times and at least a tenth of the mean. Unlike there, weight 0 means
     * no turn.
     *
     * @return the static stride scheduler
     */
    public static Balancer staticStride() {
        return (candidates, previous) -> {
            Weights weights = Weights.of(candidates);
            return weights.equal
                    ? Turns.inOrder(weights.servers, previous)
                    : StaticStride.bounded(weights.servers, weights.shares, Sequenced.positionAfter(previous));
        };
    }

    /**
     * Returns random choice: each server with the same chance. Weights are ignored, but weight 0 means no chance.
     *
     * @return random choice
     */
    public static Balancer random() {
        return RandomChoice.UNIFORM;
    }

    /**
     * Returns weighted random choice: each server with a chance proportional to its weight, drawn from an alias table
     * (Vose), so the cost does not depend on the number of servers.
     *
     * @return weighted random choice
     */
    public static Balancer weightedRandom() {
        return RandomChoice.WEIGHTED;
    }

    /**
     * Returns least requests (with connections: least connections): of all servers the one with the fewest attempts in
     * flight for its weight. Those that tie take turns, in proportion to their weights. Looks at every server, so its
     * cost grows with their number.
     *
     * <p>Source: nginx {@code least_conn}. There the turns among those that tie are smooth weighted round robin; here
     * they are its order when the weights are equal, and else as evenly spread.
     *
     * @return least requests
     */
    public static Balancer leastRequests() {
        return Choices.by(Load.REQUESTS, Choices.ALL);
    }

    /**
     * Returns least requests of a few: draws distinct servers, each with a chance proportional to its weight, and picks
     * the one with the fewest attempts in flight for its weight; of those that tie the one drawn first.
     *
     * <p>Sources: {@code choice_count} of Envoy's {@code least_request} and {@code random two least_conn} of nginx;
     * unlike Envoy, a server is never compared with itself.
     *
     * @param choiceCount how many to draw, 2 to 32; as many as there are servers or more is {@link #leastRequests()}
     * @return least requests of a few
     * @throws IllegalArgumentException if {@code choiceCount} is out of range
     */
    public static Balancer leastRequests(int choiceCount) {
        return Choices.by(Load.REQUESTS, choices(choiceCount));
    }

    /**
     * Returns the power of two choices: {@link #leastRequests(int)} with 2, which is cheap, needs to know little, and
     * does not send everybody to the same server.
     *
     * @return the power of two choices
     */
    public static Balancer powerOfTwoChoices() {
        return leastRequests(2);
    }

    /**
     * Returns {@link #earliestDeadlineFirst(double)} with a bias of 1.0, Envoy's default for {@code least_request}.
     *
     * @return earliest deadline first
     */
    public static Balancer earliestDeadlineFirst() {
        return earliestDeadlineFirst(1.0);
    }

    /**
     * Returns the schedule of Envoy for servers of different weights: turns in proportion to {@code weight / (attempts in
     * flight + 1)^bias}, as that is when a server has had its turn. With a bias of 0, Envoy's weighted round robin. Unlike
     * Envoy, which then uses other schemes, also for equal weights. Looks at every server.
     *
     * @param activeRequestBias how much the attempts in flight count, 0 to 100
     * @return earliest deadline first
     * @throws IllegalArgumentException if the bias is out of range
     */
    public static Balancer earliestDeadlineFirst(double activeRequestBias) {
        return EarliestDeadlineFirst.biasedBy(Checks.between("activeRequestBias", activeRequestBias, 0, 100));
    }

    /**
     * Returns peak EWMA: draws two distinct servers, each with a chance proportional to its weight, and picks the one
     * where a request would wait less: latency times the attempts that would be in flight, for its weight.
     *
     * <p>The latency is the pool's own peak-sensitive moving average, see {@link Candidate#latencyNanos}; how long it
     * remembers is set with {@code latencyDecay} of the pool. A server without any latency gets one request, and no
     * other until that one is answered. Failures do not count: a server that fails fast is left to the pool's health
     * monitors. Sources: Finagle's P2CPeakEwma, Tower.
     *
     * @return peak EWMA
     */
    public static Balancer peakEwma() {
        return peakEwma(2);
    }

    /**
     * Returns peak EWMA with more than two looks; see {@link #peakEwma()}.
     *
     * @param choiceCount how many servers to draw, 2 to 32
     * @return peak EWMA
     * @throws IllegalArgumentException if {@code choiceCount} is out of range
     */
    public static Balancer peakEwma(int choiceCount) {
        return Choices.by(Load.PEAK_EWMA, choices(choiceCount));
    }

    private static int choices(int choiceCount) {
        return Checks.between("choiceCount", choiceCount, 2, 32);
    }

    /**
     * Returns least response time with the settings of nginx: of all servers the one with the least latency times the
     * attempts that would be in flight, for its weight; those that tie take turns. Looks at every server.
     *
     * <p>Latencies are rounded up to steps of 20 ms, so a server of which none is known is as good as the best. The
     * latency is the pool's moving average, see {@link Candidate#latencyNanos}: it ends at the beginning of the answer
     * where the adapter notes that (nginx: {@code least_time header}), and else at the end of the attempt ({@code
     * last_byte}). Source: nginx {@code least_time}.
     *
     * @return least response time
     */
    public static Balancer leastResponseTime() {
        return leastResponseTimeBuilder().build();
    }

    /**
     * Begins least response time with other settings.
     *
     * @return a builder with the defaults of nginx
     */
    public static LeastResponseTimeBuilder leastResponseTimeBuilder() {
        return new LeastResponseTimeBuilder();
    }

    /**
     * Returns balancing by reported load with the settings of gRPC: turns in proportion to what each server could
     * answer, as it follows from the {@link io.lbclient.LoadReport}s that it sends with its answers.
     *
     * <p>Needs servers that report, with the header {@code endpoint-load-metrics} or otherwise, and an adapter that
     * hands the reports to {@link io.lbclient.Attempt#report}. A server without a report that counts is dealt the mean
     * of the others; with fewer than two that report, the turns go by the configured weights. These multiply what the
     * reports say, so leave them equal unless one server is to run hotter than the others. As in gRPC, a weight counts
     * as at most 10 times and at least a tenth of the mean. Sources: gRFC A58 and A114.
     *
     * @return balancing by reported load
     */
    public static Balancer reportedLoad() {
        return reportedLoadBuilder().build();
    }

    /**
     * Begins balancing by reported load with other settings.
     *
     * @return a builder with the defaults of gRPC
     */
    public static ReportedLoadBuilder reportedLoadBuilder() {
        return new ReportedLoadBuilder();
    }

    /**
     * Returns Prequal: servers are asked all the time how many requests they have in flight and how fast they are, and
     * each request goes to the best of the last few answers. A server is hot if it has more in flight than most; a cold
     * one with the least latency is the best, and if all are hot, the one with the least in flight.
     *
     * <p>For each request three servers are asked, drawn with a chance proportional to their weights; their answers
     * serve the requests that follow. With fewer than two answers the server is drawn. Nobody is asked while there are
     * no requests. A server that fails fast looks idle, and nothing here keeps requests from it: that is left to the
     * pool's health monitors. Source: Prequal (NSDI 2024), its asynchronous mode.
     *
     * @param prober how servers are asked
     * @return Prequal with the settings of the paper
     */
    public static Balancer prequal(Prober prober) {
        return prequalBuilder().prober(prober).build();
    }

    /**
     * Begins Prequal with other settings; without a prober, what servers report with their answers to requests is used
     * in place of probes, see {@link io.lbclient.Attempt#report}.
     *
     * @return a builder with the settings of the paper
     */
    public static PrequalBuilder prequalBuilder() {
        return new PrequalBuilder();
    }

    /**
     * Returns first available: the first server in the pool's order, and the next one only while it is not eligible.
     * Weights are ignored, but weight 0 means never.
     *
     * @return first available
     */
    public static Balancer firstAvailable() {
        return (candidates, previous) -> {
            Candidate first = Weights.of(candidates).servers[0];
            return context -> first;
        };
    }

    /**
     * Returns pinning: one server, drawn at the first pick with a chance proportional to its weight, gets everything
     * for as long as it may be picked; then another one is drawn, and the first does not come back into its place.
     *
     * @return pinning
     */
    public static Balancer pinned() {
        return new Pinned();
    }

    /**
     * Returns IP hash: the server that nginx's {@code ip_hash} picks for the client's address, given the same list.
     *
     * <p>The first three octets of an IPv4 address count, or all of an IPv6 address, so clients of one /24 network share
     * a server. A server of weight 2 gets the share of two; weights that are not whole numbers are brought to the same
     * relation in whole numbers, to 1/100 of the greatest. There are only 6271 hashes: of more servers than that, the
     * last get nothing. A request without an address, and one for which twenty tries find nobody, takes its turn in
     * round robin.
     *
     * <p>A server that leaves the list moves only its own clients: it is kept in mind like one that is marked {@code
     * down} in nginx, until a server joins that was not there before, or half of the list is gone. Then, as after a new
     * list in nginx, most clients move. To avoid that, see {@link #rendezvous} with {@link HashKey#clientAddress()}.
     *
     * @return the settings of IP hash
     */
    public static HashBalancerBuilder ipHash() {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.IP_HASH, HashKey.clientAddress());
    }

    /**
     * Returns the plain {@code hash} of nginx, which is that of Perl's Cache::Memcached: CRC-32 of the key, modulo the
     * sum of the weights.
     *
     * <p>Weights, requests without a key, and what a change of the list moves, are as with {@link #ipHash}.
     *
     * @param key what is hashed
     * @return the settings of nginx's hash
     */
    public static HashBalancerBuilder nginxHash(HashKey key) {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.NGINX_HASH, key);
    }

    /**
     * Returns the {@code hash ... consistent} of nginx, which is that of Perl's Cache::Memcached::Fast: a ring with 160
     * CRC-32 points for each unit of weight.
     *
     * <p>The server is the one that nginx picks if its configuration names the servers by the same {@code host:port}. A
     * change of the list moves no key between servers that stay. Weights that would give more than 8 388 608 points
     * together, or none of which is 1 or more, count in relation only. A request without a key, and one for which twenty
     * points find nobody, takes its turn in round robin.
     *
     * @param key what is hashed
     * @return the settings of nginx's consistent hash
     */
    public static HashBalancerBuilder nginxConsistentHash(HashKey key) {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.NGINX_CONSISTENT_HASH, key);
    }

    /**
     * Returns ketama: the ring of libmemcached and spymemcached, with 160 MD5 points for each server of mean weight.
     *
     * <p>Servers are placed by {@code host:port}; some clients of memcached leave out its standard port, and place by
     * host only. With equal weights, a change of the list moves no key between servers that stay; with others it moves a
     * few, since the mean changes. A weight counts relative to the mean and in steps of 1/40 of it; the least is one
     * step. A request without a key goes to a random point.
     *
     * @param key what is hashed
     * @return the settings of ketama
     */
    public static HashBalancerBuilder ketama(HashKey key) {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.KETAMA, key);
    }

    /**
     * Returns ring hash, placed as in Envoy and in gRPC (gRFC A42): entry i of a server is XXH64 of {@code
     * host:port_i}, and a server has entries in proportion to its weight.
     *
     * <p>By default the ring has the size that Envoy gives it: at least 1024 entries, so that a server that leaves makes
     * the others have more. To move no key between servers that stay, set {@link HashBalancerBuilder#entriesPerServer}.
     * grpc-java orders its ring by signed numbers, Envoy and this one by unsigned ones, so there the same entries are
     * cut at another place. A request without a key goes to a random entry.
     *
     * @param key what is hashed
     * @return the settings of ring hash
     */
    public static HashBalancerBuilder ringHash(HashKey key) {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.RING_HASH, key);
    }

    /**
     * Returns Maglev (Eisenbud and others, NSDI 2016), with the table of Envoy: XXH64 of {@code host:port} gives each
     * server a permutation of the table, in whose order they take places in turn, with turns in proportion to the
     * weights.
     *
     * <p>The shares are the most even of all tables, and a pick costs one look. A change of the list moves somewhat more
     * keys than it must: with 65 537 places 1.6 times as many for 100 servers, and 1.02 times for 10. A request
     * without a key goes to a random place.
     *
     * @param key what is hashed
     * @return the settings of Maglev
     */
    public static HashBalancerBuilder maglev(HashKey key) {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.MAGLEV, key);
    }

    /**
     * Returns weighted rendezvous hashing (Thaler and Ravishankar; weights after Schindelhain and Schomaker): each server
     * has a score for the key, {@code weight / -ln(hash)}, and the highest wins.
     *
     * <p>A change of the list, or of a weight, moves only what must move, and shares are as even as chance; but a pick
     * looks at every server. The hash is a mix of XXH64 of the key and of the server's {@code host:port}; it is not that
     * of another program. A request without a key goes to a random server by weight.
     *
     * @param key what is hashed
     * @return the settings of rendezvous hashing
     */
    public static HashBalancerBuilder rendezvous(HashKey key) {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.RENDEZVOUS, key);
    }

    /**
     * Returns jump consistent hash (Lamping and Veach, 2014) of XXH64 of the key: no table, even shares, and a pick of
     * logarithmic cost. Weights are ignored, but weight 0 means no traffic.
     *
     * <p>The algorithm knows numbers, not servers, and can drop the last number only. So servers are numbered in the
     * order of the list, and each keeps its number: one that leaves keeps it empty, and keys that come to an empty
     * number are hashed again until they come to a server; one that joins takes an empty number, or the next. Thus no
     * change moves a key between servers that stay, until more than half of the numbers are empty: then all are numbered
     * anew. Two clients agree if they were given the same list and the same changes. A request without a key goes to a
     * random number.
     *
     * @param key what is hashed
     * @return the settings of jump consistent hash
     */
    public static HashBalancerBuilder jumpHash(HashKey key) {
        return new HashBalancerBuilder(HashBalancerBuilder.Algorithm.JUMP_HASH, key);
    }
}
