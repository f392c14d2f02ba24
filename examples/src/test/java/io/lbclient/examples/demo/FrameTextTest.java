package io.lbclient.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.HealthState;
import io.lbclient.examples.demo.Frame.Progress;
import io.lbclient.examples.demo.Frame.Row;
import io.lbclient.examples.demo.Line.Bar;
import io.lbclient.examples.demo.Line.Text;
import io.lbclient.examples.demo.Line.Tone;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xml.sax.InputSource;

class FrameTextTest {
    private static final Latencies SOME = new Latencies(10, 5.43, 1234.5, 2000);
    private static final Latencies NONE = new Latencies(0, Double.NaN, Double.NaN, Double.NaN);

    private static Frame frame(HealthState state, long errors) {
        return new Frame(
                12_340_000_000L,
                "400 requests/s",
                List.of(
                        new Row("server-1", 23_456, 1.0, 0.5, 1234, SOME, 99_999, HealthState.HEALTHY),
                        new Row("server-2", 23_457, 0.0, 0.25, 0, NONE, 7, state)),
                1_234_567,
                errors,
                1_234,
                SOME,
                new Progress(3, 5, new TourStory(false).scenes().get(2).title(), 0.5),
                List.of(new Recording.Event(12_000_000_000L, "server-2", "ejected: " + "very ".repeat(30) + "bad")));
    }

    private static String text(Line line) {
        return line.pieces().stream()
                .map(piece -> piece instanceof Text text ? text.text() : TerminalView.blocks((Bar) piece))
                .collect(Collectors.joining());
    }

    private static List<String> text(Frame frame) {
        return FrameText.lines(frame).stream().map(FrameTextTest::text).toList();
    }

    @ParameterizedTest
    @EnumSource(HealthState.class)
    void noLineIsWiderThanTheTerminalHoweverLargeTheFigures(HealthState state) {
        assertThat(FrameText.lines(frame(state, 999_999)))
                .allSatisfy(line -> assertThat(line.width()).isLessThanOrEqualTo(FrameText.WIDTH));
    }

    @Test
    void everySceneHasATitleThatFits() {
        assertThat(Stream.of(new TourStory(true), new FailoverStory(true)).flatMap(story -> story.scenes().stream()))
                .allSatisfy(scene -> assertThat(scene.title()).hasSizeLessThanOrEqualTo(45));
    }

    @Test
    void aRowShowsShareFiguresAndHealth() {
        List<String> lines = text(frame(HealthState.EJECTED, 0));

        assertThat(lines.get(3)).matches(" server-1 :23456 █{15} 100\\.0% +1234 +5\\.4 +1234\\.5 +99999 healthy");
        assertThat(lines.get(4)).matches(" server-2 :23457 ·{8}┊·{6} +0\\.0% +0 +- +- +7 ejected");
    }

    @Test
    void theUsersLineCountsRequestsErrorsAndRetries() {
        assertThat(text(frame(HealthState.HEALTHY, 1)))
                .anySatisfy(line -> assertThat(line).contains("1,234,567 requests", "1 error ", "1,234 retries"));
    }

    @Test
    void aBarIsDrawnInEighthsAndItsMarkStandsWhereItDoesNotReach() {
        assertThat(TerminalView.blocks(new Bar(4, 0.5, 0.75, Tone.GOOD))).isEqualTo("██·┊");
        assertThat(TerminalView.blocks(new Bar(4, 0.53125, 0.25, Tone.GOOD))).isEqualTo("██▏·");
        assertThat(TerminalView.blocks(new Bar(4, 0, -1, Tone.GOOD))).isEqualTo("····");
        assertThat(TerminalView.blocks(new Bar(4, 1, -1, Tone.GOOD))).isEqualTo("████");
    }

    @Test
    void theTerminalIsRedrawnInPlaceAndLeftWithItsCursor() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TerminalView view = new TerminalView(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        Frame frame = frame(HealthState.EJECTED, 0);
        view.show(frame);
        String first = bytes.toString(StandardCharsets.UTF_8);
        view.show(frame);
        view.close();
        String all = bytes.toString(StandardCharsets.UTF_8);

        int lines = FrameText.lines(frame).size();
        assertThat(first.chars().filter(c -> c == '\n').count()).isEqualTo(lines);
        assertThat(first).doesNotContain("\033[" + lines + "A");
        assertThat(all.substring(first.length())).startsWith("\033[?25l\033[" + lines + "A");
        assertThat(all).endsWith("\033[?25h");
    }

    @Test
    void thePlainViewWritesOneLineASecondAndEachEventOnce() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PlainView view = new PlainView(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        view.show(frame(HealthState.EJECTED, 0));
        view.show(frame(HealthState.EJECTED, 0));

        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).isEqualTo("--- 3/5 server-3 is killed (SIGKILL)");
        assertThat(lines.get(1)).startsWith(" 12.0 s   server-2 ejected: ");
        assertThat(lines.get(2))
                .isEqualTo(" 12.3 s | server-1 100.0% 1234.5 ms | server-2 0.0% - ms ejected"
                        + " | requests 1234567 errors 0 retries 1234");
    }

    @Test
    void thePictureIsWellFormed() throws Exception {
        String svg = Picture.of(frame(HealthState.EJECTED, 0));

        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(svg).contains("server-2", "ejected", "0 errors");
    }
}
