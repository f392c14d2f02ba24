package io.lbclient.session;

import io.lbclient.Affinity;
import io.lbclient.Attempt;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.balancer.Balancers;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A pool with sessions, on a clock that stands still, and a hand on its servers' health. */
final class Shop implements AutoCloseable {
    static final byte[] KEY = secret(1);
    static final byte[] OTHER_KEY = secret(2);
    static final String[] SERVERS = {"10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"};

    final FakeTicker ticker = new FakeTicker();
    final ManualScheduler scheduler = new ManualScheduler(ticker);
    final ServerPool pool;
    private final Instant began = Instant.parse("2026-01-01T00:00:00Z");
    private final long start = ticker.read();
    private @Nullable MonitoredPool monitored;

    Shop(SessionAffinityBuilder affinity, String... servers) {
        this(affinity, Balancers.roundRobin(), servers);
    }

    Shop(SessionAffinityBuilder affinity, Balancer balancer, String... servers) {
        this("shop", affinity, balancer, servers);
    }

    Shop(String name, SessionAffinityBuilder affinity, Balancer balancer, String... servers) {
        ServerPoolBuilder builder = ServerPool.builder(name)
                .servers(IntStream.range(0, servers.length)
                        .mapToObj(i -> server(servers[i]))
                        .toList())
                .balancer(balancer)
                .ticker(ticker)
                .scheduler(scheduler)
                .seed(11)
                .affinity(affinity.wallClock(this::now).build());
        pool = builder.healthMonitors(this::watch, HealthMonitor.consecutiveFailures(5))
                .build();
    }

    /** Three servers, and sessions in a signed cookie called "lb". */
    static Shop signing(TokenKeys keys) {
        return new Shop(signedWith(keys), SERVERS);
    }

    static SessionAffinityBuilder signedWith(TokenKeys keys) {
        return SessionAffinity.builder().cookie("lb", keys);
    }

    /** A token is accepted if its request is not given a new one. */
    boolean accepts(String token) {
        return visit(Ask.cookie("lb", token)).tokens().isEmpty();
    }

    Instant now() {
        return began.plusNanos(ticker.read() - start);
    }

    private HealthMonitor.Watch watch(MonitoredPool started) {
        monitored = started;
        return new HealthMonitor.Watch() {
            @Override
            public HealthMonitor.OutcomeObserver joined(Candidate server) {
                return HealthMonitor.OutcomeObserver.NONE;
            }

            @Override
            public void close() {}
        };
    }

    private MonitoredPool monitored() {
        return Objects.requireNonNull(monitored);
    }

    private Candidate candidate(String id) {
        return monitored().candidates().stream()
                .filter(c -> c.server().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    static Server server(String id) {
        return Server.of("10.1.2.3", 8080).withId(id);
    }

    static byte[] secret(int seed) {
        byte[] key = new byte[32];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (seed * 31 + i * 7);
        }
        return key;
    }

    void eject(String id) {
        monitored().raise(candidate(id), HealthCause.OUTLIER, "ejected by the test");
        scheduler.runDue();
    }

    void readmit(String id) {
        monitored().clear(candidate(id), HealthCause.OUTLIER, "readmitted by the test");
        scheduler.runDue();
    }

    void limit(String id, int inFlight) {
        monitored().limitInFlight(candidate(id), inFlight);
    }

    void offerTrial(String id) {
        monitored().offerTrial(candidate(id));
        scheduler.runDue();
    }

    void advance(Duration time) {
        scheduler.advance(time);
    }

    /** Sends a request and answers it well. */
    Visit visit(Ask ask) {
        return visit(ask, Map.of());
    }

    Visit visit(Ask ask, Map<String, String> answer) {
        Attempt attempt = pool.pick(ask);
        return finish(attempt, answer);
    }

    static Visit finish(Attempt attempt, Map<String, String> answer) {
        List<Affinity.Token> tokens = attempt.bind(name -> answer.containsKey(name.toLowerCase(Locale.ROOT))
                ? List.of(answer.get(name.toLowerCase(Locale.ROOT)))
                : List.of());
        attempt.complete(Outcome.SUCCESS);
        return new Visit(attempt.server().id(), tokens);
    }

    @Override
    public void close() {
        pool.close();
    }

    /** Who answered, and what the caller is to carry. */
    record Visit(String server, List<Affinity.Token> tokens) {
        String token() {
            return tokens.get(0).value();
        }
    }

    /** A request. */
    record Ask(
            Map<String, String> cookies,
            Map<String, String> headers,
            @Nullable SessionCarrier carrier) implements RequestView {
        static final Ask ANEW = new Ask(Map.of(), Map.of(), null);

        static Ask cookie(String name, String value) {
            return new Ask(Map.of(name, value), Map.of(), null);
        }

        static Ask header(String name, String value) {
            return new Ask(Map.of(), Map.of(name, value), null);
        }

        static Ask carrying(SessionCarrier carrier) {
            return new Ask(Map.of(), Map.of(), carrier);
        }

        Ask andCookie(String name, String value) {
            Map<String, String> more = new HashMap<>(cookies);
            more.put(name, value);
            return new Ask(more, headers, carrier);
        }

        @Override
        public @Nullable String cookie(String name) {
            return cookies.get(name);
        }

        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }

        @Override
        public <T> @Nullable T attribute(Class<T> type) {
            return type == SessionCarrier.class ? type.cast(carrier) : null;
        }

        @Override
        public @Nullable InetAddress clientAddress() {
            return null;
        }
    }
}
