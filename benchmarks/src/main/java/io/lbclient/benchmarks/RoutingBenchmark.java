package io.lbclient.benchmarks;

import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Decision;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * What a decision costs, by the number of rules and by what the request meets; with 0 rules it is that of an empty router.
 *
 * <p>Of ten rules, four ask for an exact path, four for a prefix, one of which for a host too, one for a template, and one
 * for the value of a header, so that rules without a path are among them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RoutingBenchmark {
    private static final int REQUESTS = 256;

    /** What the requests meet. */
    public enum Meets {
        /** A rule for an exact path. */
        EXACT,
        /** A rule for a prefix, two segments above the end. */
        PREFIX,
        /** A rule for a template. */
        TEMPLATE,
        /** A rule for a header. */
        HEADER,
        /** No rule. */
        NOTHING,
        /** A rule for an exact path, in a form that has to be brought into its one form first. */
        DISGUISED
    }

    /** What the requests meet. */
    @Param
    public Meets meets = Meets.EXACT;

    /** How many rules there are. */
    @Param({"0", "10", "1000", "10000"})
    public int rules;

    private final RequestView[] requests = new RequestView[REQUESTS];
    private int next;

    @SuppressWarnings("NullAway.Init") // Set before each trial.
    private ServerPool pool;

    @SuppressWarnings("NullAway.Init") // Set before each trial.
    private Router router;

    /** Makes the router and the requests. */
    @Setup(Level.Trial)
    public void open() {
        pool = ServerPool.builder("benchmark")
                .servers(Server.of("10.0.0.1", 80))
                .build();
        RuleSet.Builder set = RuleSet.builder();
        for (int i = 0; i < rules; i++) {
            set.rule(Rule.named("rule-" + i)
                    .when(condition(i % 10, i / 10))
                    .to(pool)
                    .build());
        }
        router = Router.of("benchmark", set.otherwise(pool).build());
        for (int i = 0; i < REQUESTS; i++) {
            requests[i] = request((int) ((long) i * 7919 % Math.max(1, rules / 10)));
        }
    }

    private static Condition condition(int kind, int number) {
        return switch (kind) {
            case 0, 1, 2, 3 -> Condition.path("/api/v1/service-" + number + "/items-" + kind);
            case 4, 5, 6 -> Condition.pathPrefix("/web/section-" + kind + "/page-" + number);
            case 7 ->
                Condition.host("shop-" + number % 20 + ".example").and(Condition.pathPrefix("/hosted/page-" + number));
            case 8 -> Condition.pathTemplate("/users/{id}/folder-" + number + "/{file}");
            default -> Condition.header("x-tenant").is("tenant-" + number);
        };
    }

    private RequestView request(int number) {
        String path = switch (meets) {
            case EXACT -> "/api/v1/service-" + number + "/items-2";
            case PREFIX -> "/web/section-5/page-" + number + "/part/of-it";
            case TEMPLATE -> "/users/4711/folder-" + number + "/some.txt";
            case HEADER, NOTHING -> "/another/path/of/some/length";
            case DISGUISED -> "/api//v1/x/../service-" + number + "/%69tems-2/";
        };
        // As an adapter reads it: a new string each time, whose hash is not known yet.
        return new Seen(path, meets == Meets.HEADER ? "tenant-" + number : null);
    }

    private record Seen(String text, @Nullable String tenant) implements RequestView {
        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String host() {
            return "shop-3.example";
        }

        @Override
        public String path() {
            return text.substring(0, text.length() - 1).concat(text.substring(text.length() - 1));
        }

        @Override
        public @Nullable String header(String name) {
            return name.equals("x-tenant") ? tenant : null;
        }
    }

    /** Ends the pool. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    /**
     * Routes one request.
     *
     * @return the decision, so that it is not optimized away
     */
    @Benchmark
    public Decision route() {
        next = (next + 1) % REQUESTS;
        return router.route(requests[next]);
    }
}
