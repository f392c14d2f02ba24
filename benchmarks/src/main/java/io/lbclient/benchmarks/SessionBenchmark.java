package io.lbclient.benchmarks;

import io.lbclient.Affinity;
import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.session.InMemoryStore;
import io.lbclient.session.SessionAffinity;
import io.lbclient.session.SessionAffinityBuilder;
import io.lbclient.session.TokenKeys;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What stickiness adds to a request: pick, binding and completion of a request whose session is known, next to the same
 * pool without affinity. Compare with {@code NONE} of the same run.
 */
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SessionBenchmark {
    private static final Affinity.Answer NOTHING = name -> List.of();

    /** How sessions are kept. */
    public enum Way {
        /** Not at all. */
        NONE,
        /** A signed cookie. */
        COOKIE,
        /** An id that is remembered in memory. */
        LEARNED,
        /** A hash of a header. */
        HASH
    }

    /** A pool, and a request of a session in it. */
    @State(Scope.Benchmark)
    public static class Pool {
        /** How sessions are kept. */
        @Param
        Way way = Way.NONE;

        /** How many servers. */
        @Param({"10", "100"})
        int servers;

        private ServerPool pool = ServerPool.builder("none").build();
        private String value = "";

        private final RequestView request = new RequestView() {
            @Override
            public String cookie(String name) {
                return value;
            }

            @Override
            public String header(String name) {
                return value;
            }
        };

        /** Fills the pool and begins the session. */
        @Setup
        public void fill() {
            var builder = ServerPool.builder("benchmark").servers(PoolBenchmark.list(servers));
            SessionAffinityBuilder affinity = SessionAffinity.builder();
            switch (way) {
                case NONE -> {}
                case COOKIE ->
                    builder.affinity(affinity.cookie("lb", TokenKeys.of(new byte[TokenKeys.MIN_LENGTH]))
                            .build());
                case LEARNED ->
                    builder.affinity(
                            affinity.learnedCookie("sid", new InMemoryStore()).build());
                case HASH ->
                    builder.affinity(affinity.hash(view -> view.header("user")).build());
            }
            pool = builder.build();
            value = way == Way.COOKIE ? "" : "0123456789abcdef0123456789abcdef";
            try (Attempt attempt = pool.pick(request)) {
                List<Affinity.Token> tokens = attempt.bind(NOTHING);
                value = tokens.isEmpty() ? value : tokens.get(0).value();
                attempt.complete(Outcome.SUCCESS);
            }
            if (way == Way.COOKIE && value.isEmpty()) {
                throw new IllegalStateException("no cookie was issued");
            }
        }

        /** Ends the pool. */
        @TearDown
        public void close() {
            pool.close();
        }
    }

    /**
     * One request.
     *
     * @param pool the pool
     * @return what is to be carried
     */
    @Benchmark
    public List<Affinity.Token> request(Pool pool) {
        Attempt attempt = pool.pool.pick(pool.request);
        List<Affinity.Token> tokens = attempt.bind(NOTHING);
        attempt.complete(Outcome.SUCCESS);
        return tokens;
    }
}
