package io.lbclient.test.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Servers, traffic and faults: what strategies are compared in. Immutable, and safe to share. */
public final class Scenario {
    final String name;
    final List<Member> servers;
    final List<Traffic> traffic;
    final List<Incident> incidents;
    final long warmUpNanos;
    final long endNanos;
    final long oneWayNanos;

    /** A server, and when it joins. */
    record Member(ServerModel model, long joinsNanos) {}

    /** A fault, when it lasts, and whom it strikes. */
    record Incident(Fault fault, long fromNanos, long untilNanos, List<Integer> servers) {}

    private Scenario(Builder settings) {
        name = settings.name;
        servers = List.copyOf(settings.servers);
        traffic = List.copyOf(settings.traffic);
        incidents = List.copyOf(settings.incidents);
        warmUpNanos = settings.warmUp.toNanos();
        endNanos = settings.end.toNanos();
        oneWayNanos = settings.oneWay.toNanos();
    }

    /**
     * Begins a scenario.
     *
     * @param name what its figures are listed under
     * @return a builder
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * Returns the name.
     *
     * @return what its figures are listed under
     */
    public String name() {
        return name;
    }

    /**
     * Runs the scenario once.
     *
     * @param strategy who balances
     * @param seed the same seed gives the same figures, and gives two strategies the same requests
     * @return the figures
     */
    public Figures run(Strategy strategy, long seed) {
        return record(strategy, seed, false).figures();
    }

    /**
     * Runs the scenario once, and takes down what happened in each second, the warm-up included.
     *
     * @param strategy who balances
     * @param seed as for {@link #run}
     * @return the seconds, in order, to the one in which the last answer came
     */
    public List<Second> watch(Strategy strategy, long seed) {
        return record(strategy, seed, true).seconds();
    }

    private Recorder record(Strategy strategy, long seed, boolean seconds) {
        Recorder recorder = new Recorder(this, seconds);
        new Engine(this, strategy, seed, recorder).run();
        return recorder;
    }

    /**
     * Returns the same scenario as it would be without its faults.
     *
     * @return the scenario with {@code -faults} at the end of its name
     */
    public Scenario withoutFaults() {
        Builder copy = new Builder(name + "-faults");
        copy.servers.addAll(servers);
        copy.traffic.addAll(traffic);
        copy.warmUp = Duration.ofNanos(warmUpNanos);
        copy.end = Duration.ofNanos(endNanos);
        copy.oneWay = Duration.ofNanos(oneWayNanos);
        return copy.build();
    }

    List<Long> joins() {
        return servers.stream()
                .map(Member::joinsNanos)
                .filter(time -> time > 0)
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public String toString() {
        return name;
    }

    /** Collects what a scenario consists of; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private final String name;
        private final List<Member> servers = new ArrayList<>();
        private final List<Traffic> traffic = new ArrayList<>();
        private final List<Incident> incidents = new ArrayList<>();
        private Duration warmUp = Duration.ZERO;
        private Duration end = Duration.ofMinutes(1);
        private Duration oneWay = Duration.ofNanos(100_000);

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Adds servers. They are numbered from 0 in the order in which they are added.
         *
         * @param count how many, at least 1
         * @param model what each can do
         * @return this builder
         * @throws IllegalArgumentException if there is none
         */
        public Builder servers(int count, ServerModel model) {
            return serversJoining(Duration.ZERO, count, model);
        }

        /**
         * Adds servers that join later, and start cold. The clients hear of them within a second.
         *
         * @param time when they join, since the beginning
         * @param count how many, at least 1
         * @param model what each can do
         * @return this builder
         * @throws IllegalArgumentException if one is out of range
         */
        public Builder serversJoining(Duration time, int count, ServerModel model) {
            Checks.atLeast("count", count, 1);
            long joins = Checks.notNegative("time", time).toNanos();
            for (int i = 0; i < count; i++) {
                servers.add(new Member(model, joins));
            }
            return this;
        }

        /**
         * Adds clients.
         *
         * @param clients the clients
         * @return this builder
         */
        public Builder traffic(Traffic clients) {
            traffic.add(clients);
            return this;
        }

        /**
         * Adds a fault.
         *
         * @param fault what goes wrong
         * @param from when it begins, since the beginning of the scenario
         * @param until when it is over, later than {@code from}
         * @param numbers the servers that it strikes, by their numbers
         * @return this builder
         * @throws IllegalArgumentException if the times are out of order, or there is no server of a number
         */
        public Builder fault(Fault fault, Duration from, Duration until, int... numbers) {
            Checks.notNegative("from", from);
            Checks.positive("until", until.minus(from));
            for (int number : numbers) {
                if (number < 0 || number >= servers.size()) {
                    throw Checks.rejected("numbers", number, "0 to " + (servers.size() - 1));
                }
            }
            incidents.add(new Incident(
                    fault,
                    from.toNanos(),
                    until.toNanos(),
                    IntStream.of(numbers).boxed().toList()));
            return this;
        }

        /**
         * Sets how long requests arrive, and how much of that is not counted.
         *
         * @param time how long requests arrive, greater than {@code uncounted}. Default: 60 s
         * @param uncounted how long the figures leave out at the beginning, at least zero. Default: 0
         * @return this builder
         * @throws IllegalArgumentException if one is out of range
         */
        public Builder lasts(Duration time, Duration uncounted) {
            warmUp = Checks.notNegative("uncounted", uncounted);
            Checks.positive("time", time.minus(uncounted));
            end = time;
            return this;
        }

        /**
         * Sets how long a message takes from a client to a server, and from a server to a client. Default: 0.1 ms.
         *
         * @param oneWayTime at least zero
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder network(Duration oneWayTime) {
            oneWay = Checks.notNegative("oneWayTime", oneWayTime);
            return this;
        }

        /**
         * Builds the scenario.
         *
         * @return the scenario
         * @throws IllegalArgumentException if it has no server that is there from the beginning, or no traffic
         */
        public Scenario build() {
            if (servers.stream().noneMatch(member -> member.joinsNanos() == 0)) {
                throw Checks.rejected("servers", servers.size(), "one that is there from the beginning");
            }
            Checks.atLeast("traffic", traffic.size(), 1);
            return new Scenario(this);
        }
    }
}
