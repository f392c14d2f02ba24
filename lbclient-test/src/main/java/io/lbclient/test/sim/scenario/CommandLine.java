package io.lbclient.test.sim.scenario;

import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategy;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The options of {@link Comparison}. */
record CommandLine(List<Scenario> scenarios, List<Strategy> strategies, List<Long> seeds, int threads, boolean list) {
    static CommandLine parse(String... args) {
        List<Scenario> scenarios = Scenarios.all();
        List<Strategy> strategies = Strategies.all();
        List<Long> seeds = List.of(1L);
        int threads = Runtime.getRuntime().availableProcessors();
        boolean list = args.length == 0;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--scenario" ->
                    scenarios = Stream.of(value(args, ++i).split(","))
                            .map(Scenarios::named)
                            .toList();
                case "--strategy" ->
                    strategies = Stream.of(value(args, ++i).split(","))
                            .map(Strategies::named)
                            .toList();
                case "--seeds" -> seeds = seeds(value(args, ++i));
                case "--threads" -> threads = Integer.parseInt(value(args, ++i));
                case "--all" -> {}
                case "--list" -> list = true;
                default ->
                    throw new IllegalArgumentException(
                            args[i] + " (expected: --scenario, --strategy, --seeds, --threads, --all or --list)");
            }
        }
        return new CommandLine(scenarios, strategies, seeds, threads, list);
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            throw new IllegalArgumentException(args[at - 1] + " (expected: a value after it)");
        }
        return args[at];
    }

    /** Such as 3 or 1-10. */
    private static List<Long> seeds(String range) {
        String[] ends = range.split("-", 2);
        long first = Long.parseLong(ends[0]);
        return LongStream.rangeClosed(first, Long.parseLong(ends[ends.length - 1]))
                .boxed()
                .toList();
    }
}
