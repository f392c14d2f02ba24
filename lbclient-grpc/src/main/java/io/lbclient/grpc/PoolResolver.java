package io.lbclient.grpc;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerSnapshot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Tells a channel the servers of its pool, whenever they change: only the list, not their health, which the policy
 * reads in the pool itself. Addresses are looked up on gRPC's executor for what blocks, by one thread at a time.
 */
final class PoolResolver extends NameResolver implements PoolListener {
    private static final long LOOK_AGAIN_SECONDS = 5;

    private final String authority;
    private final Keys.Binding binding;
    private final SynchronizationContext context;
    private final ScheduledExecutorService timer;
    private final Executor executor;
    private final Guard guard;
    private final AtomicBoolean publishing = new AtomicBoolean();
    private volatile boolean due;
    private volatile boolean ended;
    private volatile @Nullable Listener2 listener;
    // Used by one thread at a time, which hands on to the next by the flag above.
    private Map<String, List<SocketAddress>> known = new HashMap<>();
    // Used in the synchronization context.
    private boolean hadServers;
    private boolean timedOut;

    PoolResolver(String authority, Keys.Binding binding, Args args) {
        this.authority = authority;
        this.binding = binding;
        this.context = args.getSynchronizationContext();
        this.timer = args.getScheduledExecutorService();
        Executor offload = args.getOffloadExecutor();
        this.executor = offload == null ? Runnable::run : offload;
        this.guard = new Guard(binding.pool().name());
    }

    @Override
    public String getServiceAuthority() {
        return authority;
    }

    @Override
    public void start(Listener2 channel) {
        guard.run("starting the resolver", () -> {
            listener = channel;
            binding.pool().addListener(this);
            publishSoon();
            // The channel keeps calls for as long as it has heard nothing, without a deadline for ever.
            context.schedule(
                    () -> guard.run("the discovery timeout", this::timeout),
                    binding.options().discoveryTimeoutNanos,
                    TimeUnit.NANOSECONDS,
                    timer);
        });
    }

    private void timeout() {
        if (!hadServers && !ended) {
            timedOut = true;
            tell(List.of());
        }
    }

    @Override
    public void refresh() {
        guard.run("the refresh hint", binding.options().refreshHint);
    }

    @Override
    public void shutdown() {
        ended = true;
        guard.run("ending the resolver", () -> binding.pool().removeListener(this));
    }

    @Override
    public void serverAdded(String pool, Server server) {
        publishSoon();
    }

    @Override
    public void serverRemoved(String pool, Server server) {
        publishSoon();
    }

    @Override
    public void serverUpdated(String pool, Server before, Server after) {
        publishSoon();
    }

    /** Many changes at once are told as one. */
    private void publishSoon() {
        due = true;
        if (!ended && publishing.compareAndSet(false, true)) {
            try {
                executor.execute(() -> guard.run("looking up addresses", this::publish));
            } catch (RuntimeException e) {
                publishing.set(false);
                guard.failed("looking up addresses", e);
            }
        }
    }

    private void publish() {
        try {
            due = false;
            List<EquivalentAddressGroup> groups = groups();
            context.execute(() -> guard.run("telling the channel its servers", () -> tell(groups)));
        } finally {
            publishing.set(false);
        }
        // What changed in the meantime found the flag set.
        if (due) {
            publishSoon();
        }
    }

    private List<EquivalentAddressGroup> groups() {
        Map<String, List<SocketAddress>> found = new HashMap<>();
        List<EquivalentAddressGroup> groups = new ArrayList<>();
        boolean complete = true;
        for (ServerSnapshot snapshot : binding.pool().snapshot().servers()) {
            Server server = snapshot.server();
            List<SocketAddress> addresses = lookUp(server);
            complete &= !addresses.isEmpty();
            if (addresses.isEmpty()) {
                addresses = known.getOrDefault(server.id(), List.of());
            }
            if (!addresses.isEmpty()) {
                found.put(server.id(), addresses);
                try {
                    groups.add(new EquivalentAddressGroup(addresses, attributes(server)));
                } catch (RuntimeException e) {
                    // The user's function threw, and without its name the server must not be connected to.
                    guard.failed("the authority of " + server.id(), e);
                    complete = false;
                }
            }
        }
        known = found;
        if (!complete && !ended) {
            context.schedule(this::publishSoon, LOOK_AGAIN_SECONDS, TimeUnit.SECONDS, timer);
        }
        return groups;
    }

    private List<SocketAddress> lookUp(Server server) {
        try {
            if (binding.options().addresses != null) {
                return List.copyOf(binding.options().addresses.apply(server));
            }
            return Arrays.stream(InetAddress.getAllByName(server.host()))
                    .<SocketAddress>map(address -> new InetSocketAddress(address, server.port()))
                    .toList();
        } catch (UnknownHostException | RuntimeException e) {
            guard.failed("looking up the address of " + server.id(), e);
            return List.of();
        }
    }

    private Attributes attributes(Server server) {
        Attributes.Builder attributes = Attributes.newBuilder().set(Keys.SERVER, server);
        if (binding.options().authority != null) {
            String name = binding.options().authority.apply(server);
            if (name != null) {
                attributes.set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, name);
            }
        }
        return attributes.build();
    }

    private void tell(List<EquivalentAddressGroup> groups) {
        Listener2 channel = listener;
        hadServers |= !groups.isEmpty();
        // A pool that never had a server may be about to hear of some; one that had some has none now.
        if (ended || channel == null || (groups.isEmpty() && !hadServers && !timedOut)) {
            return;
        }
        Status unused = channel.onResult2(ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromValue(groups))
                .build());
    }
}
