package io.lbclient.examples.demo;

import io.lbclient.examples.demo.Figures.Milestone;
import io.lbclient.examples.demo.Figures.SceneFigures;
import io.lbclient.examples.demo.Figures.ServerFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The report at the end of a run: one HTML file that needs nothing else, no script either. */
final class HtmlReport {
    private static final double STEP_SECONDS = 0.5;
    private static final int COLORS = 5;

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>lbclient demo</title>
            <style>
            :root { color-scheme: light dark; --ink:#1f2328; --soft:#59636e; --page:#ffffff; --band:#f3f5f7; --rule:#d1d9e0;
              --c0:#3b76c4; --c1:#e07b39; --c2:#c93c56; --c3:#3a9a6a; --c4:#8458b3; --good:#1a7f37; --bad:#c22a2a }
            @media (prefers-color-scheme: dark) { :root { --ink:#e6edf3; --soft:#9198a1; --page:#0d1117; --band:#161c24;
              --rule:#3d444d; --c0:#6ea8f0; --c1:#f0a35e; --c2:#f0768b; --c3:#63c492; --c4:#b592e0; --good:#57ab5a; --bad:#f47067 } }
            @media print { :root { color-scheme: light } svg, table, section { break-inside: avoid } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
              max-width: 980px; margin: 2em auto; padding: 0 1em; print-color-adjust: exact; -webkit-print-color-adjust: exact }
            h1 { font-size: 1.6em; margin-bottom: .2em } h2 { font-size: 1.15em; margin: 1.8em 0 .2em }
            p { color: var(--soft); margin: .2em 0 .6em } .good { color: var(--good) } .bad { color: var(--bad) }
            .facts { display: flex; flex-wrap: wrap; gap: .6em 2.4em; margin: 1em 0 } .facts div { color: var(--soft) }
            .facts b { display: block; font-size: 1.7em; line-height: 1.2; color: var(--ink) }
            .facts b.good { color: var(--good) } .facts b.bad { color: var(--bad) }
            svg { width: 100%; height: auto; display: block } .band0 { fill: var(--band) } .band1 { fill: transparent }
            .grid { stroke: var(--rule); stroke-width: .7 } .axis, .scene { fill: var(--soft); font: 11.5px system-ui, sans-serif }
            .end { text-anchor: end } .mid, .scene { text-anchor: middle } .scene { font-weight: 600; fill: var(--ink) }
            .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round } .thin { stroke-width: 1; opacity: .55 }
            .layer { stroke: var(--page); stroke-width: .6; opacity: .9 }
            .layer.s0 { fill: var(--c0) } .layer.s1 { fill: var(--c1) } .layer.s2 { fill: var(--c2) }
            .layer.s3 { fill: var(--c3) } .layer.s4 { fill: var(--c4) }
            .line.s0 { stroke: var(--c0) } .line.s1 { stroke: var(--c1) } .line.s2 { stroke: var(--c2) }
            .line.s3 { stroke: var(--c3) } .line.s4 { stroke: var(--c4) }
            .user { stroke: var(--ink) } .user.thin { stroke: var(--bad); opacity: .8 }
            .legend { display: flex; flex-wrap: wrap; gap: .2em 1.4em; margin: .3em 0 } .legend span::before { content: ""; display: inline-block;
              width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; background: var(--key) }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; margin: .4em 0 }
            th, td { padding: .2em .6em; text-align: right; border-bottom: 1px solid var(--rule) }
            th:first-child, td:first-child { text-align: left } th { font-weight: 600; color: var(--soft) }
            caption { text-align: left; font-weight: 600; padding-top: .8em }
            </style></head><body>
            """;

    private final StringBuilder page = new StringBuilder(HEAD);
    private final Figures figures;
    private final Recording recording;
    private final double seconds;

    private HtmlReport(Figures figures, Recording recording) {
        this.figures = figures;
        this.recording = recording;
        this.seconds = recording.end() / 1e9;
    }

    static String of(Figures figures, Recording recording) {
        HtmlReport report = new HtmlReport(figures, recording);
        report.facts();
        report.charts();
        report.milestones();
        report.tables();
        report.events();
        return report.page.append("</body></html>\n").toString();
    }

    private void facts() {
        add(
                "<h1>lbclient demo</h1><p>%d requests a second from one OkHttp client with the default strategy, to servers "
                        + "that are processes of their own.</p><div class=\"facts\">",
                figures.rate());
        fact(count(figures.requests()), "requests", "");
        fact(count(figures.lost()), "errors that the user saw", figures.lost() == 0 ? "good" : "bad");
        fact(count(figures.retries()), "attempts repeated on another server", "");
        fact(FrameText.millis(figures.latencies().p50()) + " ms", "median latency", "");
        fact(FrameText.millis(figures.latencies().p99()) + " ms", "99th percentile", "");
        add("</div>");
        if (figures.lost() > 0) {
            add("<p class=\"bad\">Lost: %s</p>", Markup.escape(figures.whatWasLost()));
        }
    }

    private void fact(String value, String what, String cssClass) {
        add("<div><b class=\"%s\">%s</b>%s</div>", cssClass, value, what);
    }

    private void charts() {
        add("<h2>Who got the traffic</h2><p>Share of the picks.</p>");
        legend();
        List<SvgChart.Series> shares =
                eachServer((server, from) -> recording.picks().share(server, from, from + stepNanos()));
        page.append(chart("Share of the picks over time").stacked(shares));
        add("<h2>How long they took</h2><p>Median latency of each server's answers, from the moment a request was due; "
                + "logarithmic scale.</p>");
        legend();
        List<SvgChart.Series> medians = eachServer((server, from) -> Latencies.of(recording
                        .answers(from, from + stepNanos())
                        .filter(a -> a.server().equals(server))
                        .toList())
                .p50());
        page.append(chart("Median latency of each server over time").lines(medians));
        add("<h2>What the user felt</h2><p>Median and 99th percentile (thin) of all requests.</p>");
        List<SvgChart.Series> user = List.of(
                new SvgChart.Series("99th percentile", "user thin", userLatency(Latencies::p99)),
                new SvgChart.Series("median", "user", userLatency(Latencies::p50)));
        page.append(chart("Latency of all requests over time").lines(user));
    }

    private SvgChart chart(String title) {
        return new SvgChart(title, seconds, STEP_SECONDS).bands(recording.scenes());
    }

    private interface Measure {
        double of(String server, long from);
    }

    private List<SvgChart.Series> eachServer(Measure measure) {
        List<SvgChart.Series> all = new ArrayList<>();
        for (String server : recording.servers()) {
            List<Double> values =
                    steps().stream().map(from -> measure.of(server, from)).toList();
            all.add(new SvgChart.Series(server, "s" + all.size() % COLORS, values));
        }
        return all;
    }

    private List<Double> userLatency(ToDoubleFunction<Latencies> figure) {
        return steps().stream()
                .map(from -> figure.applyAsDouble(Latencies.of(recording
                        .answers(from, from + stepNanos())
                        .filter(a -> !a.failed())
                        .toList())))
                .toList();
    }

    private List<Long> steps() {
        return IntStream.range(0, (int) Math.ceil(seconds / STEP_SECONDS))
                .mapToObj(i -> i * stepNanos())
                .toList();
    }

    private static long stepNanos() {
        return (long) (STEP_SECONDS * 1e9);
    }

    private void legend() {
        add("<div class=\"legend\">");
        for (int i = 0; i < recording.servers().size(); i++) {
            add(
                    "<span style=\"--key:var(--c%d)\">%s</span>",
                    i % COLORS, Markup.escape(recording.servers().get(i)));
        }
        add("</div>%n");
    }

    private void milestones() {
        add("<h2>How soon lbclient reacted</h2><table>");
        for (Milestone milestone : figures.milestones()) {
            add(
                    "<tr><td>%s %s</td><td>%s</td></tr>",
                    milestone.server(), Markup.escape(milestone.text()), Demo.value(milestone));
        }
        add("</table>%n");
    }

    private void tables() {
        add("<h2>Figures</h2>");
        for (SceneFigures scene : figures.scenes()) {
            add(
                    "<section><table><caption>%s: %s requests, %s errors for the user, %s retries</caption>"
                            + "<tr><th>server</th><th>attempts</th><th>share</th><th>failures</th><th>answers</th>"
                            + "<th>p50 ms</th><th>p99 ms</th></tr>",
                    Markup.escape(scene.played().scene().title()),
                    count(scene.requests()),
                    count(scene.errors()),
                    count(scene.retries()));
            for (ServerFigures server : scene.servers()) {
                add(
                        "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
                        server.server(),
                        count(server.attempts()),
                        FrameText.percent(server.share()),
                        count(server.failures()),
                        count(server.latencies().count()),
                        FrameText.millis(server.latencies().p50()),
                        FrameText.millis(server.latencies().p99()));
            }
            add("</table></section>%n");
        }
    }

    private void events() {
        add("<h2>Events</h2><table><tr><th>second</th><th>what</th></tr>");
        for (Recording.Event event : recording.events()) {
            add(
                    "<tr><td>%.2f</td><td>%s %s</td></tr>",
                    event.atNanos() / 1e9, event.server(), Markup.escape(event.text()));
        }
        add("</table>%n");
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private void add(String pattern, Object... values) {
        page.append(String.format(Locale.ROOT, pattern, values));
    }
}
