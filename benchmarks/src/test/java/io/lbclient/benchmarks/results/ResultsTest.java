package io.lbclient.benchmarks.results;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategy;
import io.lbclient.test.sim.scenario.Scenarios;
import io.lbclient.test.sim.scenario.Strategies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The checked-in results are those of the present code. If this fails after a change that was meant to change them, write
 * them anew; {@code docs/simulator.md} says how.
 */
class ResultsTest {
    private static final Path FOLDER = Path.of("..", "docs", "results");

    private static List<String> lines(String file) throws IOException {
        return Files.readAllLines(FOLDER.resolve(file));
    }

    private static String present(String scenario, Strategy strategy) {
        Scenario named = Scenarios.named(scenario);
        return FirstSeed.row(named, strategy, named.run(strategy, FirstSeed.SEED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"low-traffic", "two-servers", "heal-slow-clients-fail-fast", "heal-slow-clients-slow"})
    void theFiguresOfEveryStrategyAreThoseInTheTable(String scenario) throws IOException {
        List<String> table = lines(FirstSeed.FILE);

        for (Strategy strategy : Strategies.all()) {
            assertThat(table).contains(present(scenario, strategy));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"steady-0.9", "scale-out", "one-half-failing", "all-failing", "heal-fast-client-hang"})
    void theFiguresOfTheDefaultStrategyAreThoseInTheTable(String scenario) throws IOException {
        assertThat(lines(FirstSeed.FILE)).contains(present(scenario, Strategies.named("adaptive")));
    }

    @Test
    void everyScenarioAndEveryStrategyIsInTheTables() throws IOException {
        List<String> expected = Scenarios.all().stream()
                .flatMap(scenario -> Strategies.all().stream().map(strategy -> scenario + "," + strategy))
                .toList();

        for (String file : List.of(FirstSeed.FILE, Summary.FILE)) {
            List<String> names = lines(file).stream()
                    .skip(1)
                    .map(row -> row.split(",", -1))
                    .map(cells -> cells[0] + "," + cells[1])
                    .toList();
            assertThat(names).as(file).isEqualTo(expected);
        }
    }

    @Test
    void thePageIsWhatTheSummarySays() throws IOException {
        List<String> summary = lines(Summary.FILE);

        String page = Page.of(summary.subList(1, summary.size()), Plots.FILES);

        assertThat(Files.readString(FOLDER.resolve(Page.FILE))).isEqualTo(page);
    }

    @Test
    void everyPlotIsThere() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<String> plots = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".png"))
                    .collect(Collectors.toList());
            assertThat(plots).containsExactlyInAnyOrderElementsOf(Plots.FILES);
        }
    }
}
