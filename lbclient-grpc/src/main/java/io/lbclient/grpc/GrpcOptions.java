package io.lbclient.grpc;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.lbclient.Outcome;
import io.lbclient.Server;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The settings of a balanced channel. Immutable, and safe to share between channels. */
public final class GrpcOptions {
    private static final GrpcOptions DEFAULTS = builder().build();

    final @Nullable Function<? super Server, ? extends List<? extends SocketAddress>> addresses;
    final @Nullable Function<? super Server, @Nullable String> authority;
    final CallOptions.@Nullable Key<String> keyOption;
    final Context.@Nullable Key<String> keyContext;
    final Metadata.@Nullable Key<String> keyHeader;
    final Function<? super Status, Outcome> classifier;
    final boolean lazy;
    final int connectionsPerServer;
    final long discoveryTimeoutNanos;
    final long removalLingerNanos;
    final long joinDelayNanos;
    final long reconnectNanos;
    final long sessionWaitNanos;
    final Runnable refreshHint;

    private GrpcOptions(Builder settings) {
        addresses = settings.addresses;
        authority = settings.authority;
        keyOption = settings.keyOption;
        keyContext = settings.keyContext;
        keyHeader = settings.keyHeader;
        classifier = settings.classifier;
        lazy = settings.lazy;
        connectionsPerServer = settings.connectionsPerServer;
        discoveryTimeoutNanos = settings.discoveryTimeout.toNanos();
        removalLingerNanos = settings.removalLinger.toNanos();
        joinDelayNanos = settings.joinDelay.toNanos();
        reconnectNanos = settings.reconnectWithin.toNanos();
        sessionWaitNanos = settings.sessionWait.toNanos();
        refreshHint = settings.refreshHint;
    }

    /**
     * Returns the defaults.
     *
     * @return the settings that a channel has unless told otherwise
     */
    public static GrpcOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Begins settings.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the settings; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private @Nullable Function<? super Server, ? extends List<? extends SocketAddress>> addresses;
        private @Nullable Function<? super Server, @Nullable String> authority;
        private CallOptions.@Nullable Key<String> keyOption;
        private Context.@Nullable Key<String> keyContext;
        private Metadata.@Nullable Key<String> keyHeader;
        private Function<? super Status, Outcome> classifier = Outcomes::of;
        private boolean lazy;
        private int connectionsPerServer = 1;
        private Duration discoveryTimeout = Duration.ofSeconds(10);
        private Duration removalLinger = Duration.ofSeconds(5);
        private Duration joinDelay = Duration.ofMillis(5);
        private Duration reconnectWithin = Duration.ofMillis(750);
        private Duration sessionWait = Duration.ofSeconds(1);
        private Runnable refreshHint = () -> {};

        private Builder() {}

        /**
         * Sets where a server listens. Default: its host, which is looked up unless it is an IP address, and its port.
         *
         * @param function gives at least one address for each server, such as an {@code InProcessSocketAddress}; it may
         *     block. Of several, the first that can be connected to is used. A server for which it throws, or gives
         *     none, keeps the addresses that it had, and is asked for again after 5 s
         * @return this builder
         */
        public Builder addresses(Function<? super Server, ? extends List<? extends SocketAddress>> function) {
            addresses = function;
            return this;
        }

        /**
         * Sets which name each server goes by: the TLS server name, the name that its certificate is checked for, and
         * {@code :authority}. Default: the service's name for all servers.
         *
         * <p>The names must come from a source that is trusted as much as the certificates. {@code overrideAuthority} of
         * the channel's builder wins over them.
         *
         * @param function gives the name, or null for the service's
         * @return this builder
         */
        public Builder authority(Function<? super Server, @Nullable String> function) {
            authority = function;
            return this;
        }

        /**
         * Sets a call option that holds a call's affinity key. Default: {@link GrpcLoadBalancing#AFFINITY} only, which
         * wins where a call has both.
         *
         * @param key the option
         * @return this builder
         */
        public Builder keyFromCallOption(CallOptions.Key<String> key) {
            keyOption = key;
            return this;
        }

        /**
         * Sets a value of the {@link Context} in which a call begins that holds its affinity key. It is used for calls
         * without a key among their options. Default: none.
         *
         * @param key the context's key
         * @return this builder
         */
        public Builder keyFromContext(Context.Key<String> key) {
            keyContext = key;
            return this;
        }

        /**
         * Sets a request header that holds a call's affinity key. It is used for calls without a key among their options
         * and in their context. Headers that {@code CallCredentials} add come too late. Default: none.
         *
         * @param name the header's name, in any case, not ending with {@code -bin}
         * @return this builder
         * @throws IllegalArgumentException if it cannot be the name of such a header
         */
        public Builder keyFromHeader(String name) {
            try {
                keyHeader = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
            } catch (IllegalArgumentException e) {
                throw Checks.rejected("keyFromHeader", name, "the name of a header with text");
            }
            return this;
        }

        /**
         * Sets what a call's ending says about the server. Default: OK, and what a server only says when it works, such
         * as NOT_FOUND, is a success; DEADLINE_EXCEEDED a timeout; RESOURCE_EXHAUSTED is overloaded; UNAVAILABLE,
         * INTERNAL, UNKNOWN and DATA_LOSS are failures. Calls that their caller cancelled, and streams that were never
         * sent, are not asked about.
         *
         * @param rule the rule; where it throws, the default one is used
         * @return this builder
         */
        public Builder classifier(Function<? super Status, Outcome> rule) {
            classifier = rule;
            return this;
        }

        /**
         * Sets whether a server is only connected to when it is picked. Default: false, all are connected to when the
         * channel is first used, and again when they were lost. A call whose pick names a server without a connection
         * goes to another one that has one, or waits if none has.
         *
         * @param connectLazily true to connect when needed
         * @return this builder
         */
        public Builder lazyConnect(boolean connectLazily) {
            lazy = connectLazily;
            return this;
        }

        /**
         * Sets how many connections each server gets; its calls take turns among them. More than one helps where a
         * server allows few streams on one, or one connection is the bottleneck. Default: 1.
         *
         * @param connections 1 to 100
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder connectionsPerServer(int connections) {
            connectionsPerServer = Checks.between("connectionsPerServer", connections, 1, 100);
            return this;
        }

        /**
         * Sets how long calls wait for a pool that has never had a server, before they fail. Default: 10 s.
         *
         * @param time greater than zero and at most a day
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder discoveryTimeout(Duration time) {
            discoveryTimeout = Checks.positive("discoveryTimeout", time);
            return this;
        }

        /**
         * Sets how long a removed server's connection is kept, without new calls, in case the server comes back; calls
         * that it has are finished in any case. Default: 5 s.
         *
         * @param time zero, to close it at once, to a day
         * @return this builder
         * @throws IllegalArgumentException if it is negative or longer
         */
        public Builder removalLinger(Duration time) {
            removalLinger = Checks.notNegative("removalLinger", time);
            return this;
        }

        /**
         * How long a new connection waits for others to be ready with it, so that hundreds of them do not make the strategy
         * start anew hundreds of times. The first one of a channel does not wait, and a lost one is left out at once. Not
         * for users, who cannot know better; tests have it be long or nothing.
         */
        Builder joinDelay(Duration time) {
            joinDelay = time;
            return this;
        }

        /**
         * Sets how often, at least, a server is connected to again that could not be. gRPC alone waits for up to two
         * minutes. Up to a fifth of the time is taken off at random, and a server that became healthy is connected to at once. Default: 750 ms.
         *
         * @param time greater than zero and at most a day
         * @return this builder
         * @throws IllegalArgumentException if it is not
         */
        public Builder reconnectWithin(Duration time) {
            reconnectWithin = Checks.positive("reconnectWithin", time);
            return this;
        }

        /**
         * Sets how long the requests of a session wait while the server that it is bound to is being connected to; then
         * they go to another one, and the session with them. Default: 1 s. A server that cannot be connected to is not
         * waited for.
         *
         * @param time zero, for not at all, to a day
         * @return this builder
         * @throws IllegalArgumentException if it is negative or longer
         */
        public Builder sessionWait(Duration time) {
            sessionWait = Checks.notNegative("sessionWait", time);
            return this;
        }

        /**
         * Sets what is run when gRPC would like a fresh list of servers, because a connection was lost or could not be
         * made; for a discovery that can be asked to look again. Default: nothing.
         *
         * @param hint must not block; it is called on gRPC's threads, and often
         * @return this builder
         */
        public Builder refreshHint(Runnable hint) {
            refreshHint = hint;
            return this;
        }

        /**
         * Builds the settings.
         *
         * @return the settings
         */
        public GrpcOptions build() {
            return new GrpcOptions(this);
        }
    }
}
