package io.lbclient.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lbclient.examples.demo.Figures.Milestone;
import java.io.IOException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ReportTest {
    private final Recording recording = Runs.killed();
    private final Figures figures = figures(101);

    private Figures figures(long requests) {
        return Figures.of(recording, new TourStory(true).milestones(recording), 100, requests, 0);
    }

    @Test
    void theKilledServersShareFallsWhenItsLastPickIsOver() {
        Milestone killed = figures.milestones().get(0);

        assertThat(killed.name()).isEqualTo("killedUnder1PercentMillis");
        assertThat(killed.server()).isEqualTo("b");
        // Its last two picks of the window's 25 are too many until the reading at 1100 ms.
        assertThat(killed.value()).hasValue(100.0);
    }

    @Test
    void aSlowServersShareIsMeasuredInTheSecondHalfOfItsScene() {
        Recording slow = Runs.slow();

        assertThat(new TourStory(true).milestones(slow))
                .extracting(Milestone::name, milestone -> milestone.value().orElseThrow())
                .containsExactly(
                        // One pick of the window's 13 is not too many.
                        tuple("slowUnder10PercentMillis", 480.0),
                        tuple("slowSteadyShare", 0.0),
                        tuple("slowRestoredMillis", 0.0));
    }

    @Test
    void theLatestAnswersAreFoundThoughTheyAreNotQuiteInOrder() {
        Recording latest = new Recording();
        for (long end : new long[] {300, 500, 480, 600}) {
            latest.answer(Runs.answer(end, 1, "a"));
        }
        latest.collect();

        assertThat(latest.latest(490 * Runs.MS))
                .extracting(answer -> answer.endNanos() / Runs.MS)
                .containsExactly(500L, 600L);
    }

    @Test
    void lostIsWhatEndedInAnErrorOrNever() {
        assertThat(figures.lost()).isEqualTo(1);
        assertThat(figures.whatWasLost()).isEqualTo("1 x java.io.IOException: <gone>");
        assertThat(figures(104).whatWasLost()).isEqualTo("1 x java.io.IOException: <gone>; 3 x no answer at all");
    }

    @Test
    void percentilesAreThoseOfTheAnswers() {
        assertThat(figures.latencies().count()).isEqualTo(100);
        assertThat(figures.latencies().p50()).isCloseTo(50, within(0.1));
        assertThat(figures.latencies().p99()).isCloseTo(99, within(0.1));
        assertThat(figures.latencies().max()).isCloseTo(100, within(0.1));
    }

    @Test
    void theJsonSaysWhatTheFiguresSay() throws IOException {
        Map<String, String> json = flat(JsonReport.of(figures));

        assertThat(json)
                .containsEntry("/requests", "101")
                .containsEntry("/userVisibleErrors", "1")
                .containsEntry("/inFlightAtEnd", "0")
                .containsEntry("/milestones/killedUnder1PercentMillis", "100.0")
                .containsEntry("/scenes/0/name", "equal")
                .containsEntry("/scenes/0/servers/0/share", "0.5")
                .containsEntry("/scenes/1/server", "b")
                .containsEntry("/scenes/1/userVisibleErrors", "1")
                .containsEntry("/scenes/1/servers/1/name", "b")
                .containsEntry("/scenes/1/servers/1/p50Millis", "null");
    }

    @Test
    void theHtmlIsOneFileWithTheFiguresAndNoScript() {
        String html = HtmlReport.of(figures, recording);

        assertThat(html)
                .contains("<svg", "all equal", "b is killed", "100 ms", "&lt;gone&gt;")
                .doesNotContain("<script", "<gone>", "NaN", "http:", "https:");
    }

    @Test
    void aLatencyThatDoesNotExistLeavesAGapInItsLine() throws Exception {
        SvgChart.Series line =
                new SvgChart.Series("a", "s0", List.of(2.0, 3.0, Double.NaN, Double.NaN, 5.0, 6.0, Double.NaN, 7.0));
        String svg = new SvgChart("latency", 4, 0.5).lines(List.of(line)).toString();

        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        String path = svg.lines().filter(l -> l.contains("line s0")).findFirst().orElseThrow();
        assertThat(path.chars().filter(c -> c == 'M').count()).isEqualTo(3);
        assertThat(path).doesNotContain("NaN");
    }

    /** Every value by its path, as text. */
    private static Map<String, String> flat(String json) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isScalarValue()) {
                    values.put(parser.getParsingContext().pathAsPointer().toString(), parser.getText());
                }
            }
        }
        return values;
    }
}
