package io.lbclient.balancer;

import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthMonitor;
import io.lbclient.HealthMonitor.OutcomeObserver;
import io.lbclient.HealthMonitor.Watch;
import io.lbclient.MonitoredPool;
import io.lbclient.PickContext;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Real candidates of a real pool, with a clock and a randomness that stand still unless they are moved, and attempts
 * that go where a test wants them. What the pool would keep from a strategy, such as weight 0, is not kept from it.
 */
final class Lab implements AutoCloseable, PickContext {
    private final AtomicLong nanos = new AtomicLong(1_000_000_000L);
    private final List<Candidate> candidates = new ArrayList<>();
    private final ServerPool pool;
    private volatile Candidate destination;
    private RandomGenerator random = new SplittableRandom(42);
    private RequestView request = RequestView.EMPTY;
    private long draws;

    private Lab(UnaryOperator<ServerPoolBuilder> settings, List<Server> servers) {
        HealthMonitor capture = monitored -> capture(monitored);
        pool = settings.apply(ServerPool.builder("lab"))
                .healthMonitors(capture)
                .ticker(nanos::get)
                .seed(7)
                .servers(servers)
                .balancer((eligible, previous) -> context -> destination)
                .build();
    }

    private Watch capture(MonitoredPool monitored) {
        return new Watch() {
            @Override
            public OutcomeObserver joined(Candidate server) {
                candidates.add(server);
                return OutcomeObserver.NONE;
            }

            @Override
            public void close() {}
        };
    }

    /** Servers s0, s1 and so on, with these weights. */
    static Lab of(double... weights) {
        return new Lab(defaults -> defaults, servers(weights));
    }

    static Lab decaying(Duration latencyDecay, double... weights) {
        return new Lab(builder -> builder.latencyDecay(latencyDecay), servers(weights));
    }

    /** Servers s0, s1 and so on, with these weights. */
    static List<Server> servers(double... weights) {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> server(i).withWeight(weights[i]))
                .toList();
    }

    static Lab equal(int count) {
        double[] weights = new double[count];
        Arrays.fill(weights, 1);
        return of(weights);
    }

    static Server server(int index) {
        return Server.of("10." + (index >> 16) + "." + (index >> 8 & 255) + "." + (index & 255), 80)
                .withId("s" + index);
    }

    List<Candidate> candidates() {
        return List.copyOf(candidates);
    }

    Candidate candidate(int index) {
        return candidates.get(index);
    }

    /** An attempt at one server, in flight until it is completed. */
    Attempt begin(int index) {
        return begin(candidates.get(index));
    }

    Attempt begin(Candidate server) {
        destination = server;
        return pool.pick();
    }

    /** Other weights for the same servers, which stay the same candidates. */
    void weigh(double... weights) {
        pool.update(servers(weights));
    }

    void beginMany(int index, int count) {
        for (int i = 0; i < count; i++) {
            begin(index);
        }
    }

    Lab random(RandomGenerator other) {
        random = other;
        return this;
    }

    Lab seed(long seed) {
        return random(new SplittableRandom(seed));
    }

    void request(RequestView next) {
        request = next;
    }

    void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    void advanceMillis(long millis) {
        advance(Duration.ofMillis(millis));
    }

    Balancer.Picker picker(Balancer balancer) {
        return balancer.picker(candidates(), null);
    }

    /** How many of so many picks went to each candidate, in their order. */
    int[] counts(Balancer.Picker picker, int picks) {
        int[] counts = new int[candidates.size()];
        for (int i = 0; i < picks; i++) {
            counts[index(picker.pick(this))]++;
        }
        return counts;
    }

    /** The indexes of the next picks, such as {@code "0 1 2"}. */
    String order(Balancer.Picker picker, int picks) {
        StringBuilder order = new StringBuilder();
        for (int i = 0; i < picks; i++) {
            order.append(i == 0 ? "" : " ").append(index(picker.pick(this)));
        }
        return order.toString();
    }

    /** The place of a candidate, read from its id, or -1 if it is not ours. */
    int index(Candidate candidate) {
        int index = Integer.parseInt(candidate.server().id().substring(1));
        return index < candidates.size() && candidates.get(index) == candidate ? index : -1;
    }

    /** How often a number was drawn since the beginning. */
    long draws() {
        return draws;
    }

    @Override
    public RequestView request() {
        return request;
    }

    @Override
    public boolean tried(Candidate candidate) {
        return false;
    }

    @Override
    public RandomGenerator random() {
        draws++;
        return random;
    }

    @Override
    public long now() {
        return nanos.get();
    }

    @Override
    public void close() {
        pool.close();
    }
}
