package io.lbclient.test.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Takes down what happens second by second. */
final class SecondsRecord {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final int servers;
    private final List<Open> seconds = new ArrayList<>();

    private static final class Open {
        private final long[] attempts;
        private LongStream.Builder times = LongStream.builder();
        private long good;
        private long errors;

        Open(int servers) {
            attempts = new long[servers];
        }

        Second close(int number) {
            long[] sorted = times.build().sorted().toArray();
            times = LongStream.builder();
            return new Second(
                    number,
                    Recorder.quantile(sorted, sorted.length, 0.5),
                    Recorder.quantile(sorted, sorted.length, 0.99),
                    good,
                    errors,
                    Arrays.stream(attempts).boxed().toList());
        }
    }

    SecondsRecord(int servers) {
        this.servers = servers;
    }

    private Open at(long now) {
        int second = (int) (now / NANOS_PER_SECOND);
        while (seconds.size() <= second) {
            seconds.add(new Open(servers));
        }
        return seconds.get(second);
    }

    void attempt(int server, long now) {
        at(now).attempts[server]++;
    }

    void time(long nanos, long now) {
        at(now).times.add(nanos);
    }

    void good(long now) {
        at(now).good++;
    }

    void error(long now) {
        at(now).errors++;
    }

    List<Second> seconds() {
        List<Second> closed = new ArrayList<>();
        for (int i = 0; i < seconds.size(); i++) {
            closed.add(seconds.get(i).close(i));
        }
        return List.copyOf(closed);
    }
}
