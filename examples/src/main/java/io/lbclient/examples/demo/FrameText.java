package io.lbclient.examples.demo;

import io.lbclient.HealthState;
import io.lbclient.examples.demo.Frame.Row;
import io.lbclient.examples.demo.Line.Tone;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lays out a frame as lines of at most 80 columns. The number of lines depends on the number of rows only. */
final class FrameText {
    static final int WIDTH = 80;
    static final int EVENTS = 5;
    private static final int BAR = 15;
    private static final int PROGRESS_BAR = 24;
    /** A full bar is half of the traffic; more than that no server is given but in dire need. */
    private static final double FULL_BAR = 0.5;

    private FrameText() {}

    static List<Line> lines(Frame frame) {
        List<Line> lines = new ArrayList<>();
        lines.add(new Line().text(" lbclient", Tone.STRONG).text("  " + frame.subtitle(), Tone.DIM));
        lines.add(new Line());
        lines.add(header());
        frame.rows().forEach(row -> lines.add(row(row)));
        lines.add(new Line());
        lines.add(user(frame));
        lines.add(new Line());
        lines.add(progress(frame));
        lines.add(new Line());
        List<Recording.Event> all = frame.events();
        List<Recording.Event> latest = all.subList(Math.max(0, all.size() - EVENTS), all.size());
        for (int i = 0; i < EVENTS; i++) {
            lines.add(i < latest.size() ? event(latest.get(i)) : new Line());
        }
        return lines;
    }

    private static Line header() {
        return new Line()
                .left(" server", 17, Tone.DIM)
                .left("share of picks", BAR, Tone.DIM)
                .right("", 7, Tone.DIM)
                .right("in-flight", 10, Tone.DIM)
                .right("p50 ms", 7, Tone.DIM)
                .right("p99 ms", 7, Tone.DIM)
                .right("failed", 7, Tone.DIM)
                .text(" health", Tone.DIM);
    }

    private static Line row(Row row) {
        Tone tone = tone(row.state());
        return new Line()
                .left(" " + row.name(), 10, Tone.STRONG)
                .left(":" + row.port(), 7, Tone.DIM)
                .bar(BAR, row.share() / FULL_BAR, row.fair() / FULL_BAR, tone)
                .right(percent(row.share()), 7, Tone.PLAIN)
                .right(Integer.toString(row.inFlight()), 10, Tone.PLAIN)
                .right(millis(row.latencies().p50()), 7, Tone.PLAIN)
                .right(millis(row.latencies().p99()), 7, Tone.PLAIN)
                .right(Long.toString(row.failures()), 7, row.failures() == 0 ? Tone.DIM : Tone.WARN)
                .text(" " + word(row.state()), tone);
    }

    private static Line user(Frame frame) {
        boolean well = frame.errors() == 0;
        return new Line()
                .text(" the user", Tone.STRONG)
                .text("  " + count(frame.requests(), "request") + "  ")
                .text(count(frame.errors(), "error"), well ? Tone.GOOD : Tone.BAD)
                .text("  " + (frame.retries() == 1 ? "1 retry" : grouped(frame.retries()) + " retries"))
                .text("  p99 " + millis(frame.latencies().p99()) + " ms");
    }

    private static Line progress(Frame frame) {
        Frame.Progress progress = frame.progress();
        return new Line()
                .text(" " + progress.number() + "/" + progress.scenes() + " ", Tone.DIM)
                .bar(PROGRESS_BAR, progress.done(), -1, Tone.DIM)
                .text(" " + progress.title(), Tone.STRONG);
    }

    private static Line event(Recording.Event event) {
        String time = String.format(Locale.ROOT, "%6.2f s  ", event.atNanos() / 1e9);
        String text = event.server() + (event.server().isEmpty() ? "" : " ") + event.text();
        int room = WIDTH - time.length() - 1;
        return new Line().text(" " + time, Tone.DIM).text(text.length() > room ? text.substring(0, room) : text);
    }

    static String word(HealthState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static Tone tone(HealthState state) {
        return switch (state) {
            case HEALTHY -> Tone.GOOD;
            case WARMING, DRAINING -> Tone.WARN;
            case EJECTED, UNHEALTHY -> Tone.BAD;
        };
    }

    private static String count(long number, String what) {
        return grouped(number) + " " + what + (number == 1 ? "" : "s");
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    static String millis(double millis) {
        return Double.isNaN(millis) ? "-" : String.format(Locale.ROOT, "%.1f", millis);
    }
}
