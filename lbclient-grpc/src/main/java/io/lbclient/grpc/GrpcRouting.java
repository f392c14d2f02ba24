package io.lbclient.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.lbclient.routing.Destination;
import io.lbclient.routing.Router;
import java.util.function.Function;

/**
 * Makes a channel whose calls a {@link Router} sends to different pools: by method name, metadata, claims of a token in the
 * metadata, or tags.
 *
 * <pre>{@code
 * ManagedChannel channel = GrpcRouting.channel(router, InsecureChannelCredentials.create());
 * }</pre>
 *
 * <p>Each pool that the rules lead to has a channel of its own, which is opened with the first call that goes there, and is
 * shut down when the rules no longer lead there; calls under way are finished. A call is decided once, when it starts: its
 * retries and hedges stay in the pool. To a rule, the path is {@code /package.Service/Method}, a header is an entry of the
 * metadata that is there when the call starts (what call credentials add is not), the host is the channel's authority or the
 * call's, and a tag is what {@link GrpcLoadBalancing#tag} attached.
 *
 * <p>A call that meets no rule where the rules make that an error fails with {@code UNAVAILABLE}, as does one whose channel
 * cannot be made. Shutting the channel down shuts down those of the pools; the pools are their owner's.
 */
public final class GrpcRouting {
    private GrpcRouting() {}

    /**
     * Makes a channel with default settings.
     *
     * @param router the router
     * @param credentials how connections to all pools are secured; certificates are checked for the pool's name
     * @return the channel; shut it down before the pools are closed
     */
    public static ManagedChannel channel(Router router, ChannelCredentials credentials) {
        return channel(
                router,
                destination -> GrpcLoadBalancing.channelBuilder(destination, credentials, GrpcOptions.defaults())
                        .build());
    }

    /**
     * Makes a channel over channels that the application makes.
     *
     * @param router the router
     * @param channels makes the channel of a destination, as {@link GrpcLoadBalancing#channelBuilder} and {@link
     *     GrpcLoadBalancing#bind} do. It is asked once for each destination, on the thread of a call
     * @return the channel; shut it down before the pools are closed
     */
    public static ManagedChannel channel(Router router, Function<? super Destination, ManagedChannel> channels) {
        return builder(router, channels).build();
    }

    /**
     * Begins a channel.
     *
     * @param router the router
     * @param channels makes the channel of a destination, as in {@link #channel(Router, Function)}
     * @return a builder with the defaults
     */
    public static Builder builder(Router router, Function<? super Destination, ManagedChannel> channels) {
        return new Builder(router, channels);
    }

    /** Collects the settings of a channel; not safe for use by several threads. Each method returns this builder. */
    public static final class Builder {
        private static final int MOST_MIRRORS = 100_000;

        final Router router;
        final Function<? super Destination, ManagedChannel> channels;
        String authority;
        int mirrors = 64;

        private Builder(Router router, Function<? super Destination, ManagedChannel> channels) {
            this.router = router;
            this.channels = channels;
            this.authority = router.name();
        }

        /**
         * Sets the channel's authority, which rules see as the host. Default: the router's name.
         *
         * @param name the name
         * @return this builder
         */
        public Builder authority(String name) {
            authority = name;
            return this;
        }

        /**
         * Sets how many copies of calls may be under way at once to shadow pools; what would be more is not copied.
         * Default: 64.
         *
         * @param most 0 to 100 000
         * @return this builder
         * @throws IllegalArgumentException if it is something else
         */
        public Builder mirrors(int most) {
            mirrors = Checks.between("mirrors", most, 0, MOST_MIRRORS);
            return this;
        }

        /**
         * Makes the channel.
         *
         * @return the channel; shut it down before the pools are closed
         */
        public ManagedChannel build() {
            return new RoutedChannel(this);
        }
    }
}
