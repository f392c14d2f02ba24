package io.lbclient.examples.demo;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param demo which demo
 * @param help whether only to explain
 * @param plain whether to write one line a second in place of the live view
 * @param shortRun whether to take 20 seconds in place of a minute
 * @param rate requests a second
 * @param json where the figures go, if anywhere
 * @param report where the HTML report goes
 * @param picture where a picture of the live view goes, if anywhere
 */
record DemoOptions(
        String demo,
        boolean help,
        boolean plain,
        boolean shortRun,
        int rate,
        Optional<Path> json,
        Path report,
        Optional<Path> picture) {
    static final String TOUR = "tour";
    static final String FAILOVER = "failover";
    static final String RESILIENCE = "resilience";
    static final String ROUTING = "routing";
    static final String GRPC = "grpc";
    static final String SESSIONS = "sessions";
    static final String JDBC = "jdbc";
    static final String DNS = "dns";
    private static final List<String> DEMOS = List.of(TOUR, FAILOVER, RESILIENCE, ROUTING, GRPC, SESSIONS, JDBC, DNS);

    static final String HELP = """
            usage: ./demo [tour | failover | resilience | routing | grpc | sessions | jdbc | dns] [options]

            tour (the default): real server processes under steady traffic; one becomes slow, one is
            killed and comes back, one joins, and no request is lost. Takes about a minute.

            failover: standby servers step in when all primaries are killed, and step back; an operator
            drains a server and enables it again; a webhook is told. Takes about 50 seconds.

            resilience: five server processes under 2000 requests a second; one is killed, answers 500,
            never answers, cuts its bodies; then all have a slow tail. Takes about two minutes.

            routing: one client and one host, and rules on path, header, cookie and claim, a canary
            and a mirror that choose among pools of nine server processes. Takes about 20 seconds.

            grpc: three gRPC server processes under 500 unary calls a second; one is killed and comes
            back, then all are restarted one after the other. Takes about 45 seconds.

            sessions: users with sessions of four kinds; a server is killed, and a table shows who was
            moved, and that nobody else was. Takes about 20 seconds.

            jdbc: two PostgreSQL servers under one name, with a connection pool above; one is killed
            under load and comes back. Takes about 20 seconds.

            dns: two services whose servers come from SRV records; the records change, one resolver
            dies, then both, and no request is lost. Takes about 40 seconds.

              --short         the same in about 20 seconds (resilience: in 55, routing and dns: in 10;
                              not for jdbc)
              --plain         one line a second instead of the live view (also when there is no terminal)
              --rate N        requests a second, 50 to 2000; default 400 (resilience: 2000, grpc: 500)
              --json FILE     write the figures as JSON
              --report FILE   where the HTML report goes; default demo-report.html
              --picture FILE  write a picture (SVG) of the live view, taken while a server is dead
                              (tour only)
              --help          this text

            The exit code is 0 if the user saw no error and each step of failover happened, or each
            figure of resilience, grpc and sessions is what it is to be, or each request of routing came
            to where the rules say, or only queries under way were lost in jdbc, or each change of dns
            came about; 1 if not; 2 for bad options.
            """;

    private static final int MIN_RATE = 50;
    private static final int MAX_RATE = 2000;
    private static final int USUAL_RATE = 400;
    private static final int GRPC_RATE = 500;

    /**
     * Reads the arguments.
     *
     * @throws IllegalArgumentException if one is not understood; the message is for people
     */
    static DemoOptions parse(List<String> arguments) {
        Reader reader = new Reader();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            reader.read(rest.next(), rest);
        }
        if (reader.picture.isPresent() && !reader.demo.orElse(TOUR).equals(TOUR)) {
            throw Reader.rejected("--picture", reader.picture.get().toString(), "with the tour only");
        }
        return new DemoOptions(
                reader.demo.orElse(TOUR),
                reader.help,
                reader.plain,
                reader.shortRun,
                reader.rate.orElse(usualRate(reader.demo.orElse(TOUR))),
                reader.json,
                reader.report,
                reader.picture);
    }

    private static int usualRate(String demo) {
        return switch (demo) {
            case RESILIENCE -> MAX_RATE;
            case GRPC -> GRPC_RATE;
            default -> USUAL_RATE;
        };
    }

    private static final class Reader {
        private Optional<String> demo = Optional.empty();
        private boolean help;
        private boolean plain;
        private boolean shortRun;
        private Optional<Integer> rate = Optional.empty();
        private Optional<Path> json = Optional.empty();
        private Path report = Path.of("demo-report.html");
        private Optional<Path> picture = Optional.empty();

        private void read(String argument, Iterator<String> rest) {
            switch (argument) {
                case "--help", "-h" -> help = true;
                case "--plain" -> plain = true;
                case "--short" -> shortRun = true;
                case "--rate" -> rate = Optional.of(rate(value(argument, rest)));
                case "--json" -> json = Optional.of(Path.of(value(argument, rest)));
                case "--report" -> report = Path.of(value(argument, rest));
                case "--picture" -> picture = Optional.of(Path.of(value(argument, rest)));
                default -> {
                    if (argument.startsWith("-")) {
                        throw rejected("option", argument, "one of those that --help names");
                    }
                    if (demo.isPresent()) {
                        throw rejected("argument", argument, "nothing more after " + demo.get());
                    }
                    if (!DEMOS.contains(argument)) {
                        throw rejected("demo", argument, String.join(" or ", DEMOS));
                    }
                    demo = Optional.of(argument);
                }
            }
        }

        private static String value(String option, Iterator<String> rest) {
            if (!rest.hasNext()) {
                throw rejected(option, "nothing", "a value after it");
            }
            String value = rest.next();
            if (value.isEmpty() || value.startsWith("--")) {
                throw rejected(option, value, "a value after it");
            }
            return value;
        }

        private static int rate(String text) {
            String expected = MIN_RATE + " to " + MAX_RATE;
            try {
                int rate = Integer.parseInt(text);
                if (rate >= MIN_RATE && rate <= MAX_RATE) {
                    return rate;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("--rate: " + text + " (expected: " + expected + ")", e);
            }
            throw rejected("--rate", text, expected);
        }

        private static IllegalArgumentException rejected(String name, String value, String expected) {
            return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
