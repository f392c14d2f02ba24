package io.lbclient.grpc;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.lbclient.routing.Destination;
import io.lbclient.routing.Router;
import io.lbclient.routing.RuleSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The channels of the destinations that a router leads to; made when they are needed, retired with the rules. */
final class PoolChannels {
    private final Router router;
    private final Function<? super Destination, ManagedChannel> maker;
    private final ReentrantLock changing = new ReentrantLock();
    /** Replaced as a whole. */
    private volatile Map<Destination, PoolChannel> channels = Map.of();
    /** The rules that the channels are those of. */
    private volatile RuleSet rules;

    private volatile boolean closed;
    /** Retired ones whose calls may still run. Guarded by the lock. */
    private final List<ManagedChannel> retired = new ArrayList<>();

    PoolChannels(Router router, Function<? super Destination, ManagedChannel> maker) {
        this.router = router;
        this.maker = maker;
        this.rules = router.rules();
    }

    /**
     * Returns the channel of a destination, entered.
     *
     * @return null if the rules no longer lead there, so the call has to be decided anew
     */
    @Nullable PoolChannel enter(Destination destination) {
        RuleSet now = router.rules();
        if (now != rules) {
            retireAllBut(now);
        }
        PoolChannel known = channels.get(destination);
        if (known == null) {
            known = open(destination);
        }
        return known != null && known.enter() ? known : null;
    }

    private void retireAllBut(RuleSet now) {
        changing.lock();
        try {
            rules = now;
            Set<Destination> wanted = now.destinations();
            Map<Destination, PoolChannel> kept = new HashMap<>();
            channels.forEach((destination, channel) -> {
                if (wanted.contains(destination)) {
                    kept.put(destination, channel);
                } else {
                    retire(channel);
                }
            });
            channels = Map.copyOf(kept);
        } finally {
            changing.unlock();
        }
    }

    private void retire(PoolChannel channel) {
        retired.removeIf(ManagedChannel::isTerminated);
        retired.add(channel.channel);
        channel.retire();
    }

    private @Nullable PoolChannel open(Destination destination) {
        changing.lock();
        try {
            PoolChannel known = channels.get(destination);
            // Not the rules that were looked at before: a channel for rules that are gone would be nobody's.
            if (known != null || closed || !router.rules().destinations().contains(destination)) {
                return known;
            }
            PoolChannel made = new PoolChannel(maker.apply(destination));
            Map<Destination, PoolChannel> more = new HashMap<>(channels);
            more.put(destination, made);
            channels = Map.copyOf(more);
            return made;
        } finally {
            changing.unlock();
        }
    }

    /** Whether a destination has a channel that cannot reach anybody; one that has none yet is not known to be so. */
    boolean unreachable(Destination destination) {
        PoolChannel known = channels.get(destination);
        try {
            return known != null && known.channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }

    void close() {
        changing.lock();
        try {
            closed = true;
            channels.values().forEach(this::retire);
            channels = Map.of();
        } finally {
            changing.unlock();
        }
    }

    boolean closed() {
        return closed;
    }

    /** The channels of now, and those that still have calls. */
    List<ManagedChannel> all() {
        changing.lock();
        try {
            List<ManagedChannel> all = new ArrayList<>(retired);
            channels.values().forEach(each -> all.add(each.channel));
            return all;
        } finally {
            changing.unlock();
        }
    }
}
