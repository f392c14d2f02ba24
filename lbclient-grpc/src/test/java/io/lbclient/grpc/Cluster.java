package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.lbclient.Balancer;
import io.lbclient.Candidate;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Operator;
import io.lbclient.Outcome;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.ServerSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A pool of real servers and a channel that is balanced over them. */
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

    final List<Backend> backends = new ArrayList<>();
    final List<Ending> endings = new CopyOnWriteArrayList<>();
    private final AtomicLong told = new AtomicLong();
    final ServerPool pool;
    private final List<ManagedChannel> channels = new ArrayList<>();
    ManagedChannel channel;

    private Cluster(List<Backend> backends, UnaryOperator<ServerPoolBuilder> settings) {
        this.backends.addAll(backends);
        pool = settings.apply(ServerPool.builder("orders")
                        .servers(backends.stream().map(Backend::asServer).toList())
                        .healthMonitors(new Recorder()))
                .build();
    }

    /** The pool's only monitor is one that writes down, so that nothing is ejected, unless the settings say more. */
    static Cluster of(int size, UnaryOperator<ServerPoolBuilder> settings) {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            backends.add(new Backend(String.valueOf((char) ('a' + i))));
        }
        return new Cluster(backends, settings).connect();
    }

    static Cluster of(List<Backend> backends, UnaryOperator<ServerPoolBuilder> settings) {
        return new Cluster(backends, settings);
    }

    static Cluster inOrder(int size) {
        return of(size, builder -> builder.balancer(IN_ORDER));
    }

    static Cluster turns(int size) {
        return of(size, builder -> builder.balancer(io.lbclient.balancer.Balancers.roundRobin()));
    }

    Cluster connect() {
        return connect(GrpcOptions.defaults(), builder -> builder);
    }

    Cluster connect(GrpcOptions options) {
        return connect(options, builder -> builder);
    }

    /** The channel that calls go through from now on. */
    Cluster connect(GrpcOptions options, UnaryOperator<ManagedChannelBuilder<?>> settings) {
        channel = another(options, settings);
        return this;
    }

    ManagedChannel another(GrpcOptions options, UnaryOperator<ManagedChannelBuilder<?>> settings) {
        ManagedChannel next = settings.apply(
                        GrpcLoadBalancing.channelBuilder(pool, InsecureChannelCredentials.create(), options))
                .build();
        channels.add(next);
        return next;
    }

    Backend backend(int i) {
        return backends.get(i);
    }

    Backend add(String name) {
        Backend backend = new Backend(name);
        backends.add(backend);
        pool.add(backend.asServer());
        return backend;
    }

    String call() {
        return call("hello");
    }

    String call(String request) {
        return call(request, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    }

    String call(String request, CallOptions options) {
        return ClientCalls.blockingUnaryCall(channel, Backend.UNARY, options, request);
    }

    /** The name of the server that answered, or the code of the failure. */
    String tryCall() {
        return tryCall(CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    }

    String tryCall(CallOptions options) {
        try {
            return call("hello", options);
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().name();
        }
    }

    Status fail(CallOptions options) {
        try {
            throw new AssertionError("was answered by " + call("hello", options));
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    /** How often each server answered. */
    Map<String, Integer> calls(int count) {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            answers.merge(tryCall(), 1, Integer::sum);
        }
        return answers;
    }

    /** Calls until all of these servers have answered: then they are connected and picked. */
    Cluster awaitAnswersOf(String... names) {
        List<String> missing = new ArrayList<>(List.of(names));
        Await.until("answers of " + missing, () -> {
            missing.remove(tryCall());
            return missing.isEmpty();
        });
        return this;
    }

    /** For a strategy that would ask the first ones only: waits until each server is connected and can be picked. */
    Cluster awaitAnswersOfAll() {
        Operator operator = pool.operator("test");
        for (Backend backend : backends) {
            awaitAnswersOf(backend.name);
            operator.disable(backend.name);
        }
        backends.forEach(backend -> operator.enable(backend.name));
        return this;
    }

    Running begin(MethodDescriptor<String, String> method, CallOptions options) {
        return Running.begin(channel, method, options);
    }

    int inFlight() {
        return pool.snapshot().servers().stream()
                .mapToInt(ServerSnapshot::inFlight)
                .sum();
    }

    int inFlight(int i) {
        return pool.snapshot().servers().get(i).inFlight();
    }

    /** For a cluster whose pool has the recorder among its monitors. */
    void awaitIdle() {
        // In flight goes down first, and then the monitors are told.
        Await.until("nothing is in flight any more", () -> {
            long picks = pool.snapshot().servers().stream()
                    .mapToLong(ServerSnapshot::picks)
                    .sum();
            return inFlight() == 0 && told.get() >= picks;
        });
    }

    /** How the attempts ended, once all have. */
    List<String> trail() {
        awaitIdle();
        return endings.stream()
                .filter(e -> e.outcome() != Outcome.NOT_SENT)
                .map(e -> e.server() + " " + e.outcome())
                .toList();
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        pool.close();
        backends.forEach(Backend::close);
    }

    final class Recorder implements HealthMonitor {
        @Override
        public Watch start(MonitoredPool monitored) {
            return new Watch() {
                @Override
                public OutcomeObserver joined(Candidate candidate) {
                    String id = candidate.server().id();
                    return (outcome, latency, trial) -> {
                        endings.add(new Ending(id, outcome, latency));
                        told.incrementAndGet();
                    };
                }

                @Override
                public void close() {}
            };
        }
    }
}
