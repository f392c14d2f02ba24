package io.lbclient.benchmarks.peers;

import io.servicetalk.client.api.ConnectionFactory;
import io.servicetalk.client.api.DefaultServiceDiscovererEvent;
import io.servicetalk.client.api.LoadBalancedConnection;
import io.servicetalk.client.api.LoadBalancer;
import io.servicetalk.client.api.RequestTracker;
import io.servicetalk.client.api.ServiceDiscovererEvent;
import io.servicetalk.concurrent.api.Completable;
import io.servicetalk.concurrent.api.Publisher;
import io.servicetalk.concurrent.api.Single;
import io.servicetalk.context.api.ContextMap;
import io.servicetalk.loadbalancer.LoadBalancers;
import io.servicetalk.loadbalancer.LoadBalancingPolicies;
import io.servicetalk.loadbalancer.OutlierDetectorConfig;
import io.servicetalk.transport.api.TransportObserver;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** ServiceTalk's load balancer with power of two choices and its outlier detection, over connections that do nothing. */
final class ServiceTalkPool implements AutoCloseable {
    private final LoadBalancer<Connection> balancer;

    ServiceTalkPool(int servers) {
        List<ServiceDiscovererEvent<String>> all = IntStream.range(0, servers)
                .<ServiceDiscovererEvent<String>>mapToObj(i -> new DefaultServiceDiscovererEvent<>(
                        "server-" + i, ServiceDiscovererEvent.Status.AVAILABLE))
                .toList();
        balancer = LoadBalancers.<String, Connection>builder("benchmark")
                .loadBalancingPolicy(LoadBalancingPolicies.p2c().build())
                .outlierDetectorConfig(new OutlierDetectorConfig.Builder().build())
                .build()
                .newLoadBalancer(Publisher.from(all).concat(Publisher.never()), new Connections(), "benchmark");
        // Connections are made when they are asked for the first time, and not in the measurement.
        for (int i = 0; i < 20 * servers; i++) {
            request();
        }
    }

    /** What its HTTP client does around each request. */
    Connection request() {
        Connection connection = select();
        long start = connection.tracker.beforeRequestStart();
        connection.tryRequest();
        connection.tracker.onRequestSuccess(start);
        connection.requestFinished();
        return connection;
    }

    private Connection select() {
        try {
            return balancer.selectConnection(any -> true, null).toFuture().get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        balancer.closeAsync().subscribe();
    }

    private static final class Connections implements ConnectionFactory<String, Connection> {
        @Override
        public Single<Connection> newConnection(
                String address, @Nullable ContextMap context, @Nullable TransportObserver observer) {
            // A host hands its tracker to each of its connections, if it watches for outliers.
            RequestTracker tracker = context == null ? null : context.get(RequestTracker.REQUEST_TRACKER_KEY);
            return tracker == null
                    ? Single.failed(new IllegalStateException("no tracker: outlier detection is off"))
                    : Single.succeeded(new Connection(tracker));
        }

        @Override
        public Completable closeAsync() {
            return Completable.completed();
        }

        @Override
        public Completable onClose() {
            return Completable.never();
        }
    }

    /** Accepts every request. */
    static final class Connection implements LoadBalancedConnection {
        private final RequestTracker tracker;

        Connection(RequestTracker tracker) {
            this.tracker = tracker;
        }

        @Override
        public int score() {
            return 1;
        }

        @Override
        public Result tryRequest() {
            return Result.Accepted;
        }

        @Override
        public void requestFinished() {}

        @Override
        public boolean tryReserve() {
            return true;
        }

        @Override
        public Completable releaseAsync() {
            return Completable.completed();
        }

        @Override
        public Completable closeAsync() {
            return Completable.completed();
        }

        @Override
        public Completable onClose() {
            return Completable.never();
        }
    }
}
