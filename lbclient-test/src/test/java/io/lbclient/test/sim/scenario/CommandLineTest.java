package io.lbclient.test.sim.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.test.sim.Scenario;
import io.lbclient.test.sim.Strategy;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    @Test
    void namesArePickedFromTheLists() {
        CommandLine options = CommandLine.parse(
                "--scenario",
                "two-servers,one-slow-faults",
                "--strategy",
                "adaptive+reports-health,random",
                "--seeds",
                "3-5");

        assertThat(options.scenarios()).extracting(Scenario::name).containsExactly("two-servers", "one-slow-faults");
        assertThat(options.strategies())
                .extracting(Strategy::name)
                .containsExactly("adaptive+reports-health", "random");
        assertThat(options.seeds()).containsExactly(3L, 4L, 5L);
        assertThat(options.list()).isFalse();
    }

    @Test
    void withoutNamesAllAreMeantAndWithoutAnythingTheListIs() {
        CommandLine all = CommandLine.parse("--all");

        assertThat(all.scenarios()).isEqualTo(Scenarios.all());
        assertThat(all.strategies()).isEqualTo(Strategies.all());
        assertThat(all.seeds()).containsExactly(1L);
        assertThat(CommandLine.parse().list()).isTrue();
    }

    @Test
    void whatIsNotUnderstoodIsRejected() {
        assertThatThrownBy(() -> CommandLine.parse("--fast")).hasMessageStartingWith("--fast (expected: --scenario");
        assertThatThrownBy(() -> CommandLine.parse("--seeds")).hasMessage("--seeds (expected: a value after it)");
        assertThatThrownBy(() -> CommandLine.parse("--scenario", "calm"))
                .hasMessageStartingWith("scenario: calm (expected: one of");
    }

    @Test
    void namesAreUnique() {
        assertThat(Scenarios.all()).extracting(Scenario::name).doesNotHaveDuplicates();
        assertThat(Strategies.all()).extracting(Strategy::name).doesNotHaveDuplicates();
    }

    @Test
    void runsOnSeveralThreadsGiveWhatOneRunGives() throws InterruptedException, ExecutionException {
        List<Strategy> strategies =
                Stream.of("adaptive", "random").map(Strategies::named).toList();
        Scenario scenario = Scenarios.named("low-traffic");

        Comparison.run(List.of(scenario), strategies, List.of(1L, 2L), 2, (told, compared) -> {
            assertThat(told).isSameAs(scenario);
            assertThat(compared).hasSize(2);
            assertThat(compared.get(1).runs())
                    .containsExactly(scenario.run(strategies.get(1), 1), scenario.run(strategies.get(1), 2));
        });
    }
}
