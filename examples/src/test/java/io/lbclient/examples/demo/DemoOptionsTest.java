package io.lbclient.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoOptionsTest {
    private static DemoOptions parse(String... arguments) {
        return DemoOptions.parse(List.of(arguments));
    }

    @Test
    void withoutArgumentsTheTourRunsAtItsFullLength() {
        DemoOptions options = parse();

        assertThat(options.demo()).isEqualTo("tour");
        assertThat(options.shortRun()).isFalse();
        assertThat(options.plain()).isFalse();
        assertThat(options.rate()).isEqualTo(400);
        assertThat(options.json()).isEmpty();
        assertThat(options.report()).isEqualTo(Path.of("demo-report.html"));
    }

    @Test
    void everyOptionIsUnderstoodInAnyOrder() {
        DemoOptions options = parse(
                "--json",
                "a.json",
                "--short",
                "tour",
                "--report",
                "r.html",
                "--plain",
                "--rate",
                "50",
                "--picture",
                "p.svg");

        assertThat(options.json()).contains(Path.of("a.json"));
        assertThat(options.report()).isEqualTo(Path.of("r.html"));
        assertThat(options.picture()).contains(Path.of("p.svg"));
        assertThat(options.rate()).isEqualTo(50);
        assertThat(options.shortRun()).isTrue();
        assertThat(options.plain()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--fast | option: --fast (expected: one of those that --help names)",
                "nonsense | demo: nonsense (expected: tour or failover or resilience or routing or grpc or sessions or jdbc or dns)",
                "failover,--picture,p.svg | --picture: p.svg (expected: with the tour only)",
                "tour,tour | argument: tour (expected: nothing more after tour)",
                "--json | --json: nothing (expected: a value after it)",
                "--json,--short | --json: --short (expected: a value after it)",
                "--rate,49 | --rate: 49 (expected: 50 to 2000)",
                "--rate,2001 | --rate: 2001 (expected: 50 to 2000)",
                "--rate,many | --rate: many (expected: 50 to 2000)"
            })
    void whatIsNotUnderstoodIsRejectedWithWhatIsExpected(String arguments, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(arguments.split(",")))
                .withMessage(message);
    }

    @Test
    void eachDemoIsChosenByItsName() {
        assertThat(parse("tour").demo()).isEqualTo("tour");
        assertThat(parse("--short", "failover").demo()).isEqualTo("failover");
        assertThat(DemoOptions.HELP)
                .contains("tour", "failover", "resilience", "routing", "grpc", "sessions", "jdbc", "dns");
    }

    @Test
    void theHelpNamesEveryOption() {
        assertThat(DemoOptions.HELP).contains("--short", "--plain", "--rate", "--json", "--report", "--picture");
    }
}
