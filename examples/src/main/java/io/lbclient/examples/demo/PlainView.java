package io.lbclient.examples.demo;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Writes one line a second, and one for each event. */
final class PlainView implements View {
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    private final PrintStream out;
    private int scene;
    private long nextLine;
    private long lastEvent = Long.MIN_VALUE;

    PlainView(PrintStream out) {
        this.out = out;
    }

    @Override
    public void show(Frame frame) {
        Frame.Progress progress = frame.progress();
        if (progress.number() != scene) {
            scene = progress.number();
            out.println("--- " + scene + "/" + progress.scenes() + " " + progress.title());
        }
        for (Recording.Event event : frame.events()) {
            if (event.atNanos() > lastEvent) {
                lastEvent = event.atNanos();
                out.println(seconds(event.atNanos()) + "   " + event.server() + " " + event.text());
            }
        }
        if (frame.atNanos() >= nextLine) {
            nextLine = frame.atNanos() + PERIOD;
            out.println(line(frame));
        }
    }

    static String line(Frame frame) {
        StringBuilder text = new StringBuilder(seconds(frame.atNanos()));
        for (Frame.Row row : frame.rows()) {
            text.append(" | ")
                    .append(row.name())
                    .append(' ')
                    .append(FrameText.percent(row.share()))
                    .append(' ')
                    .append(FrameText.millis(row.latencies().p99()))
                    .append(" ms");
            if (!row.state().eligible()) {
                text.append(' ').append(FrameText.word(row.state()));
            }
        }
        return text.append(String.format(
                        Locale.ROOT,
                        " | requests %d errors %d retries %d",
                        frame.requests(),
                        frame.errors(),
                        frame.retries()))
                .toString();
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%5.1f s", nanos / 1e9);
    }

    @Override
    public void close() {
        out.flush();
    }
}
