package io.lbclient.examples.demo;

import io.lbclient.examples.demo.Figures.Milestone;
import io.lbclient.examples.dns.DnsDemo;
import io.lbclient.examples.grpc.GrpcDemo;
import io.lbclient.examples.jdbc.JdbcDemo;
import io.lbclient.examples.resilience.ResilienceDemo;
import io.lbclient.examples.routing.RoutingDemo;
import io.lbclient.examples.sessions.SessionsDemo;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The program behind {@code ./demo}: loses servers, and no request.
 *
 * <p>The exit code is 0 if the user of the client saw no error, 1 if a request was lost or a step of the failover did not
 * happen, 2 for bad options.
 */
public final class Demo {
    private static final int FAILED = 1;
    private static final int BAD_OPTIONS = 2;

    private Demo() {}

    /**
     * Runs a demo.
     *
     * @param args the options; {@code --help} explains them
     * @throws Exception if a server process cannot be started or a file cannot be written
     */
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        DemoOptions options;
        try {
            options = DemoOptions.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println("demo: " + e.getMessage());
            System.exit(BAD_OPTIONS);
            return;
        }
        if (options.help()) {
            out.print(DemoOptions.HELP);
            out.flush();
            return;
        }
        int code = switch (options.demo()) {
            case DemoOptions.RESILIENCE -> codeOf(ResilienceDemo.run(out, options.shortRun(), options.rate()));
            case DemoOptions.ROUTING -> codeOf(RoutingDemo.run(out, options.shortRun()));
            case DemoOptions.GRPC -> codeOf(GrpcDemo.run(out, options.shortRun(), options.rate()));
            case DemoOptions.SESSIONS -> codeOf(SessionsDemo.run(out, options.shortRun()));
            case DemoOptions.JDBC -> codeOf(JdbcDemo.run(out));
            case DemoOptions.DNS -> codeOf(DnsDemo.run(out, options.shortRun(), options.rate()));
            default -> run(options, out);
        };
        out.flush();
        System.exit(code);
    }

    private static int codeOf(boolean held) {
        return held ? 0 : FAILED;
    }

    private static int run(DemoOptions options, PrintStream out) throws IOException, InterruptedException {
        Story story = options.demo().equals(DemoOptions.FAILOVER)
                ? new FailoverStory(options.shortRun())
                : new TourStory(options.shortRun());
        out.println("starting " + story.servers().size() + " servers, each a process of its own, and warming up");
        out.flush();
        AtomicReference<Frame> pictured = new AtomicReference<>();
        try (Tour tour = Tour.begin(options.rate(), story)) {
            Figures figures;
            try (View view = view(options, out)) {
                figures = tour.play(view, frame -> keepForPicture(frame, pictured));
            }
            write(options.report(), HtmlReport.of(figures, tour.recording()));
            if (options.json().isPresent()) {
                write(options.json().get(), JsonReport.of(figures));
            }
            Frame frame = pictured.get();
            if (options.picture().isPresent() && frame != null) {
                write(options.picture().get(), Picture.of(frame));
            }
            return conclude(figures, story, options, out);
        }
    }

    private static View view(DemoOptions options, PrintStream out) {
        // Set by the script if it found a terminal that is wide enough; a JVM cannot tell on its own.
        boolean live = Boolean.getBoolean("demo.live") && !options.plain();
        if (!live) {
            return new PlainView(out);
        }
        TerminalView view = new TerminalView(out);
        Runtime.getRuntime().addShutdownHook(new Thread(view::close, "terminal"));
        return view;
    }

    /** The picture shows the dead server as soon as it has had no pick for a second. */
    private static void keepForPicture(Frame frame, AtomicReference<Frame> pictured) {
        boolean dead = frame.rows().stream()
                .anyMatch(row -> row.name().equals(TourStory.KILLED_SERVER)
                        && !row.state().eligible()
                        && row.share() == 0);
        if (dead && pictured.get() == null) {
            pictured.set(frame);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, text);
    }

    private static int conclude(Figures figures, Story story, DemoOptions options, PrintStream out) {
        out.println();
        out.printf(
                Locale.ROOT,
                "%,d requests, %,d errors for the user, %,d retries, %d in flight at the end; p50 %s ms, p99 %s ms%n",
                figures.requests(),
                figures.errors(),
                figures.retries(),
                figures.inFlightAtEnd(),
                FrameText.millis(figures.latencies().p50()),
                FrameText.millis(figures.latencies().p99()));
        for (Milestone milestone : figures.milestones()) {
            out.printf("  %s %s %s%n", milestone.server(), milestone.text(), value(milestone));
        }
        story.epilogue().forEach(out::println);
        out.println("report: " + options.report().toAbsolutePath());
        options.json().ifPresent(file -> out.println("figures: " + file.toAbsolutePath()));
        long lost = figures.lost();
        List<String> missing = story.missing(figures);
        if (lost > 0) {
            out.println("LOST: " + lost + " of " + figures.requests() + " requests: " + figures.whatWasLost());
        }
        missing.forEach(step -> out.println("DID NOT HAPPEN: " + step));
        return lost == 0 && missing.isEmpty() ? 0 : FAILED;
    }

    static String value(Milestone milestone) {
        if (milestone.value().isEmpty()) {
            return "(not within the run)";
        }
        double value = milestone.value().get();
        return switch (milestone.unit()) {
            case MILLIS -> String.format(Locale.ROOT, "%,.0f ms", value);
            case SHARE -> FrameText.percent(value);
        };
    }
}
