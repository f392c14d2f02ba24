package io.lbclient.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.lbclient.Server;
import io.lbclient.health.HealthCheck;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A health check by gRPC's own health service: {@code grpc.health.v1.Health/Check}, over a connection of its own for each
 * check. A server that does not have that service is well, as in gRPC itself. See {@link GrpcWatch} for servers that
 * tell by themselves.
 *
 * <pre>{@code
 * ServerPool.builder("orders").healthMonitors(ActiveChecks.of(GrpcCheck.of(InsecureChannelCredentials.create())))
 * }</pre>
 *
 * <p>Immutable, and safe to share between pools.
 */
public final class GrpcCheck implements HealthCheck {
    private final Function<? super Server, ? extends ManagedChannelBuilder<?>> channels;
    private final String service;

    private GrpcCheck(Function<? super Server, ? extends ManagedChannelBuilder<?>> channels, String service) {
        this.channels = channels;
        this.service = service;
    }

    /**
     * Returns a check of a server as a whole.
     *
     * @param credentials how the connections are secured; certificates are checked for the server's host
     * @return the check
     */
    public static GrpcCheck of(ChannelCredentials credentials) {
        return of(HealthService.channels(credentials), "");
    }

    /**
     * Returns a check of one service of a server.
     *
     * @param channels gives a builder for a channel to that server alone; this is where a name for certificates is set
     *     ({@code overrideAuthority})
     * @param service the service's full name, as the server knows it; empty for the server as a whole
     * @return the check
     */
    public static GrpcCheck of(Function<? super Server, ? extends ManagedChannelBuilder<?>> channels, String service) {
        return new GrpcCheck(channels, service);
    }

    @Override
    public CompletableFuture<Result> check(Server server, Executor executor) {
        Question question = new Question(channels.apply(server).build());
        question.ask(service);
        return question;
    }

    /** The answer to come; cancelling it closes the connection. */
    private static final class Question extends CompletableFuture<Result> {
        private final ManagedChannel channel;

        Question(ManagedChannel channel) {
            this.channel = channel;
        }

        void ask(String service) {
            HealthService.ask(channel, HealthService.CHECK, service, new ClientCall.Listener<>() {
                private @Nullable Integer answer;

                @Override
                public void onMessage(Integer status) {
                    answer = status;
                }

                @Override
                public void onClose(Status status, Metadata trailers) {
                    channel.shutdownNow();
                    complete(resultOf(status, answer));
                }
            });
        }

        private static Result resultOf(Status status, @Nullable Integer answer) {
            if (status.getCode() == Status.Code.UNIMPLEMENTED) {
                return Result.PASSED;
            }
            if (!status.isOk() || answer == null) {
                return Result.failed(status.toString());
            }
            return answer == HealthService.SERVING ? Result.PASSED : Result.failed(HealthService.nameOf(answer));
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            channel.shutdownNow();
            return cancelled;
        }
    }
}
