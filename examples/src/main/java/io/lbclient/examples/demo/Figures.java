package io.lbclient.examples.demo;

import io.lbclient.examples.demo.Recording.Played;
import io.lbclient.examples.shared.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a run came to, computed from its recording.
 *
 * @param rate the requests that were due each second
 * @param requests how many requests were sent
 * @param errors how many of them ended in an error for the user
 * @param retries the attempts that were not the first of their request
 * @param inFlightAtEnd what the pool still counted as in flight when every request had ended
 * @param latencies of all requests that ended well
 * @param scenes each scene
 * @param milestones how soon the pool reacted
 * @param errorsByKind what the errors were, and how many of each
 */
record Figures(
        int rate,
        long requests,
        long errors,
        long retries,
        int inFlightAtEnd,
        Latencies latencies,
        List<SceneFigures> scenes,
        List<Milestone> milestones,
        Map<String, Long> errorsByKind) {
    /** One scene. */
    record SceneFigures(
            Played played,
            long requests,
            long errors,
            long retries,
            Latencies latencies,
            List<ServerFigures> servers) {}

    /** One server in one scene. */
    record ServerFigures(String server, long attempts, double share, long failures, Latencies latencies) {}

    /**
     * How soon, or how far.
     *
     * @param name as in the JSON
     * @param server whom it concerns
     * @param text for people; the value follows it
     * @param unit of the value: milliseconds, or a part of all picks
     * @param value empty if it did not happen
     */
    record Milestone(String name, String server, String text, Unit unit, Optional<Double> value) {
        static Milestone millis(String name, String server, String text, OptionalLong nanos) {
            Optional<Double> value = nanos.isPresent() ? Optional.of(nanos.getAsLong() / 1e6) : Optional.empty();
            return new Milestone(name, server, text, Unit.MILLIS, value);
        }
    }

    enum Unit {
        MILLIS,
        SHARE
    }

    static Figures of(Recording recording, List<Milestone> milestones, int rate, long requests, int inFlightAtEnd) {
        List<Answer> good =
                recording.answers(0, Long.MAX_VALUE).filter(a -> !a.failed()).toList();
        return new Figures(
                rate,
                requests,
                recording.errors(),
                recording.picks().retries(0, Long.MAX_VALUE),
                inFlightAtEnd,
                Latencies.of(good),
                recording.scenes().stream().map(s -> sceneFigures(recording, s)).toList(),
                milestones,
                recording
                        .answers(0, Long.MAX_VALUE)
                        .filter(Answer::failed)
                        .collect(Collectors.groupingBy(Answer::error, TreeMap::new, Collectors.counting())));
    }

    /** The requests that ended in an error, or never. */
    long lost() {
        return requests - latencies.count();
    }

    String whatWasLost() {
        long unanswered = lost() - errors;
        String kinds = errorsByKind.entrySet().stream()
                .map(kind -> kind.getValue() + " x " + kind.getKey())
                .collect(Collectors.joining("; "));
        return unanswered == 0 ? kinds : kinds + (kinds.isEmpty() ? "" : "; ") + unanswered + " x no answer at all";
    }

    private static SceneFigures sceneFigures(Recording recording, Played played) {
        long from = played.beginNanos();
        long to = played.endNanos();
        PickLog picks = recording.picks();
        List<Answer> ended = recording.answers(from, to).toList();
        List<Answer> good = ended.stream().filter(a -> !a.failed()).toList();
        List<ServerFigures> servers = new ArrayList<>();
        for (String server : recording.servers()) {
            List<Answer> its =
                    good.stream().filter(a -> a.server().equals(server)).toList();
            servers.add(new ServerFigures(
                    server,
                    picks.picks(server, from, to),
                    picks.share(server, from, to),
                    picks.failures(server, from, to),
                    Latencies.of(its)));
        }
        return new SceneFigures(
                played, ended.size(), ended.size() - good.size(), picks.retries(from, to), Latencies.of(good), servers);
    }
}
