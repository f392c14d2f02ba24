package io.lbclient.okhttp;

import dev.failsafe.RetryPolicy;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Outcome;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.retry.RetryBudgets;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.AsyncTimeout;

/** A pool of real servers and a client that is balanced over them. */
final class Cluster implements AutoCloseable {
    /** How an attempt ended, as the pool was told. */
    record Ending(String server, Outcome outcome, long latencyNanos) {}

    /** The first server of the list, then the next one that was not tried. */
    static final Balancer IN_ORDER = (candidates, previous) -> context -> {
        for (Candidate candidate : candidates) {
            if (!context.tried(candidate)) {
                return candidate;
            }
        }
        return candidates.get(0);
    };

    final Transport transport;
    final List<Backend> backends = new ArrayList<>();
    final List<Ending> endings = new CopyOnWriteArrayList<>();
    final ServerPool pool;
    final LoadBalancingInterceptor interceptor;
    OkHttpClient client;

    private Cluster(Transport transport, Balancer balancer, List<Backend> backends, List<Server> servers) {
        this(transport, backends, servers, builder -> builder.balancer(balancer));
    }

    /** Unless it is told otherwise, the pool has no budget: what is tried here is what a call does when it may. */
    private Cluster(
            Transport transport,
            List<Backend> backends,
            List<Server> servers,
            UnaryOperator<ServerPoolBuilder> settings) {
        this.transport = transport;
        this.backends.addAll(backends);
        ServerPoolBuilder builder = ServerPool.builder(Transport.SERVICE)
                .servers(servers)
                .balancer(IN_ORDER)
                .retryBudget(RetryBudgets.unlimited())
                .healthMonitors(new Recorder());
        pool = settings.apply(builder).build();
        interceptor = LoadBalancingInterceptor.of(pool);
        client = plain().addInterceptor(interceptor).build();
    }

    static Cluster of(Transport transport, Balancer balancer, Backend... backends) {
        return new Cluster(
                transport,
                balancer,
                List.of(backends),
                Arrays.stream(backends).map(Backend::asServer).toList());
    }

    /** A cluster whose pool has settings of its own. */
    static Cluster with(UnaryOperator<ServerPoolBuilder> settings, Transport transport, int size) {
        List<Backend> backends = List.of(backends(transport, size));
        return new Cluster(
                transport, backends, backends.stream().map(Backend::asServer).toList(), settings);
    }

    /** Calls with an interceptor that has settings of its own, and is installed as users install it. */
    Cluster calls(UnaryOperator<LoadBalancingInterceptor.Builder> settings) {
        LoadBalancingInterceptor own =
                settings.apply(LoadBalancingInterceptor.builder().pool(pool)).build();
        client = own.install(plain().build());
        return this;
    }

    Cluster withoutRetries() {
        return calls(
                c -> c.retry(RetryPolicy.<Response>builder().withMaxRetries(0).build()));
    }

    static Cluster inOrder(Transport transport, Backend... backends) {
        return of(transport, IN_ORDER, backends);
    }

    static Cluster inOrder(Transport transport, int size) {
        return of(transport, IN_ORDER, backends(transport, size));
    }

    static Cluster of(Transport transport, Balancer balancer, int size) {
        return of(transport, balancer, backends(transport, size));
    }

    /** Servers that are not backends of ours, such as closed ports, come first. */
    static Cluster behind(Transport transport, List<Server> others, Backend... backends) {
        List<Server> servers = new ArrayList<>(others);
        Arrays.stream(backends).map(Backend::asServer).forEach(servers::add);
        return new Cluster(transport, IN_ORDER, List.of(backends), servers);
    }

    static Backend[] backends(Transport transport, int size) {
        Backend[] all = new Backend[size];
        for (int i = 0; i < size; i++) {
            all[i] = new Backend(String.valueOf((char) ('a' + i)), transport);
        }
        return all;
    }

    /** A client of this transport without the interceptor, with room for the connections of many servers. */
    OkHttpClient.Builder plain() {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(200);
        dispatcher.setMaxRequestsPerHost(200);
        return transport
                .client()
                .dispatcher(dispatcher)
                .readTimeout(20, TimeUnit.SECONDS)
                .connectionPool(new ConnectionPool(200, 5, TimeUnit.MINUTES));
    }

    /** Changes the client; the interceptor stays where it is. */
    Cluster client(UnaryOperator<OkHttpClient.Builder> change) {
        client = change.apply(client.newBuilder()).build();
        return this;
    }

    /** Has the client wait so long only for what one server sends, and for the others as long as before. */
    Cluster impatientWith(Backend server, Duration readTimeout) {
        int millis = (int) readTimeout.toMillis();
        return client(c -> c.addInterceptor(chain -> {
            boolean meant =
                    chain.getDns() instanceof ServerPin pin && pin.server().id().equals(server.name);
            return (meant ? chain.withReadTimeout(millis, TimeUnit.MILLISECONDS) : chain).proceed(chain.request());
        }));
    }

    /** Lets the timeout of a call that is under way strike now, however much of it is left. */
    static void timeOut(Call call) {
        AsyncTimeout timeout = (AsyncTimeout) call.timeout();
        timeout.exit();
        timeout.timeout(1, TimeUnit.NANOSECONDS);
        timeout.enter();
    }

    Backend backend(int i) {
        return backends.get(i);
    }

    String url(String path) {
        return transport.scheme + "://" + Transport.SERVICE + path;
    }

    Request.Builder request(String path) {
        return new Request.Builder().url(url(path));
    }

    Call call(String path) {
        return client.newCall(request(path).build());
    }

    Call post(String path, String body) {
        return client.newCall(request(path).post(RequestBody.create(body, null)).build());
    }

    Call put(String path, String body) {
        return client.newCall(request(path).put(RequestBody.create(body, null)).build());
    }

    String get(String path) throws IOException {
        return text(call(path));
    }

    static String text(Call call) throws IOException {
        try (Response response = call.execute()) {
            return response.body().string();
        }
    }

    int inFlight() {
        return pool.snapshot().servers().stream().mapToInt(s -> s.inFlight()).sum();
    }

    int inFlight(int i) {
        return pool.snapshot().servers().get(i).inFlight();
    }

    void awaitIdle() {
        Await.until("nothing is in flight any more", this::idle);
    }

    /** Waits for what only the garbage collector can end. */
    void awaitCollected() {
        Await.until("the garbage collector has found what was abandoned", () -> {
            System.gc();
            return idle();
        });
    }

    /** Waits until no connection is in use: that of a response that nobody has closed would be for ever. */
    void awaitIdleConnections() {
        ConnectionPool connections = client.connectionPool();
        Await.until(
                "all connections are idle", () -> connections.connectionCount() == connections.idleConnectionCount());
    }

    /** In flight goes down first, and then the monitors are told. */
    private boolean idle() {
        long picks =
                pool.snapshot().servers().stream().mapToLong(s -> s.picks()).sum();
        return inFlight() == 0 && endings.size() >= picks;
    }

    List<Outcome> outcomes() {
        return endings.stream().map(Ending::outcome).toList();
    }

    List<String> trail() {
        return endings.stream().map(e -> e.server() + " " + e.outcome()).toList();
    }

    @Override
    public void close() {
        pool.close();
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
        client.dispatcher().executorService().shutdown();
        backends.forEach(Backend::close);
    }

    private final class Recorder implements HealthMonitor {
        @Override
        public Watch start(MonitoredPool monitored) {
            return new Watch() {
                @Override
                public OutcomeObserver joined(Candidate candidate) {
                    String id = candidate.server().id();
                    return (outcome, latency, trial) -> endings.add(new Ending(id, outcome, latency));
                }

                @Override
                public void close() {}
            };
        }
    }
}
