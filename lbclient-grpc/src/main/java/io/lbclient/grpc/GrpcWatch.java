package io.lbclient.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.lbclient.Candidate;
import io.lbclient.HealthCause;
import io.lbclient.HealthMonitor;
import io.lbclient.MonitoredPool;
import io.lbclient.Server;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A health monitor that servers tell by themselves when they stop serving: by a stream of {@code
 * grpc.health.v1.Health/Watch}, kept open to each, over a connection of its own.
 *
 * <p>A server that says that it is not serving, or whose stream ended, has {@link HealthCause#ACTIVE_CHECK} raised until
 * it says again that it serves; the stream is opened again after a second or so. One that does not have the health
 * service is well, and is not asked again. Before a server has said anything it is trusted. Immutable, and safe to share
 * between pools.
 */
public final class GrpcWatch implements HealthMonitor {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double JITTER = 0.2;

    private final Function<? super Server, ? extends ManagedChannelBuilder<?>> channels;
    private final String service;

    private GrpcWatch(Function<? super Server, ? extends ManagedChannelBuilder<?>> channels, String service) {
        this.channels = channels;
        this.service = service;
    }

    /**
     * Returns a monitor of servers as a whole.
     *
     * @param credentials how the connections are secured; certificates are checked for the server's host
     * @return the monitor
     */
    public static GrpcWatch of(ChannelCredentials credentials) {
        return of(HealthService.channels(credentials), "");
    }

    /**
     * Returns a monitor of one service of the servers.
     *
     * @param channels gives a builder for a channel to that server alone; this is where a name for certificates is set
     *     ({@code overrideAuthority}), and {@code keepAliveTime}, without which a silent peer is not noticed
     * @param service the service's full name, as the server knows it; empty for the server as a whole
     * @return the monitor
     */
    public static GrpcWatch of(Function<? super Server, ? extends ManagedChannelBuilder<?>> channels, String service) {
        return new GrpcWatch(channels, service);
    }

    @Override
    public Watch start(MonitoredPool pool) {
        return new PoolWatch(pool);
    }

    private final class PoolWatch implements Watch {
        private final MonitoredPool pool;
        private final Guard guard;
        private final Map<Candidate, WatchedServer> servers = new ConcurrentHashMap<>();

        PoolWatch(MonitoredPool pool) {
            this.pool = pool;
            this.guard = new Guard(pool.name());
        }

        @Override
        public OutcomeObserver joined(Candidate server) {
            WatchedServer watched = new WatchedServer(this, server);
            servers.put(server, watched);
            watched.openAfter(0);
            return OutcomeObserver.NONE;
        }

        @Override
        public void left(Candidate server) {
            WatchedServer watched = servers.remove(server);
            if (watched != null) {
                watched.end();
            }
        }

        @Override
        public void close() {
            servers.values().forEach(WatchedServer::end);
        }
    }

    /** The streams of one server, one after the other. */
    private final class WatchedServer {
        private final PoolWatch owner;
        private final Candidate server;
        private volatile @Nullable ManagedChannel channel;
        private volatile boolean ended;

        WatchedServer(PoolWatch owner, Candidate server) {
            this.owner = owner;
            this.server = server;
        }

        void openAfter(long nanos) {
            try {
                var unused = owner.pool
                        .scheduler()
                        .schedule(() -> owner.guard.run("watching a server", this::open), nanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // Nobody will ask again, so what was said last must not stand for ever.
                owner.pool.clear(server, HealthCause.ACTIVE_CHECK, "the scheduler is shut down, so nobody watches");
            }
        }

        private void open() {
            if (ended) {
                return;
            }
            // A new one each time: the server's address may be another by now, and this one waits for no back-off.
            ManagedChannel opened = channels.apply(server.server()).build();
            channel = opened;
            if (ended) {
                opened.shutdownNow();
                return;
            }
            HealthService.ask(opened, HealthService.WATCH, service, new ClientCall.Listener<>() {
                @Override
                public void onMessage(Integer status) {
                    said(status);
                }

                @Override
                public void onClose(Status status, Metadata trailers) {
                    opened.shutdownNow();
                    closed(status);
                }
            });
        }

        private void said(int status) {
            if (ended) {
                return;
            }
            if (status == HealthService.SERVING) {
                owner.pool.clear(server, HealthCause.ACTIVE_CHECK, "it says that it is serving");
            } else {
                owner.pool.raise(
                        server, HealthCause.ACTIVE_CHECK, "it says that it is " + HealthService.nameOf(status));
            }
        }

        private void closed(Status status) {
            if (ended) {
                return;
            }
            if (status.getCode() == Status.Code.UNIMPLEMENTED) {
                owner.pool.clear(server, HealthCause.ACTIVE_CHECK, "it has no health service");
                return;
            }
            owner.pool.raise(server, HealthCause.ACTIVE_CHECK, "its health stream ended: " + status);
            openAfter(
                    (long) (AGAIN_NANOS * (1 + JITTER * (2 * owner.pool.random().nextDouble() - 1))));
        }

        void end() {
            ended = true;
            ManagedChannel open = channel;
            if (open != null) {
                open.shutdownNow();
            }
        }
    }
}
