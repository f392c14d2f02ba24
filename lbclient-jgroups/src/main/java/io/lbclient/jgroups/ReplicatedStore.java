package io.lbclient.jgroups;

import io.lbclient.Ticker;
import io.lbclient.session.AffinityStore;
import io.lbclient.session.BindingTable;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers sessions in every instance of an application: each has all bindings and answers from its own memory, and what
 * one binds it tells the others. There is no central part. An instance that joins has all bindings before it serves; one
 * that dies takes none with it.
 *
 * <p>Look-ups never leave the process and never wait. What is bound travels in the background, so for some milliseconds
 * two instances may bind one session to different servers; and two parts of a split network may for longer. In both cases
 * all instances end with the same server, by a rule that does not depend on the order in which they hear of it: the
 * binding that replaced another more often, and of equals the server whose id comes first.
 *
 * <p>The memory is bounded in each instance; what it forgets first is said at {@link BindingTable}. A binding that is in
 * use is told again when a quarter of its lifetime is over, so that it does not expire elsewhere. Messages are plain bytes.
 * Who may join the cluster is a matter of the channel: where the network is not trusted, its stack needs JGroups' {@code
 * AUTH} and {@code SYM_ENCRYPT} or {@code ASYM_ENCRYPT}. Safe for use by many threads.
 *
 * <pre>{@code
 * ReplicatedStore store = ReplicatedStore.builder(new JChannel("stack.xml"), "shop-sessions").join();
 * }</pre>
 */
public final class ReplicatedStore implements AffinityStore {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicatedStore.class);

    private final JChannel channel;
    private final Ticker ticker;
    private final long tellAgainNanos;
    private final BindingTable<ReplicatedBinding> table;
    private final Outbox outbox;

    private ReplicatedStore(ReplicatedStoreBuilder settings) {
        channel = settings.channel;
        ticker = settings.ticker;
        tellAgainNanos = settings.lifetime.toNanos() / 4;
        table = new BindingTable<>(settings.capacity, settings.lifetime, ticker);
        outbox = new Outbox(
                table,
                settings.capacity,
                settings.executor(),
                message -> channel.send(new BytesMessage(null, message)));
    }

    /**
     * Begins a store.
     *
     * @param channel a channel that is not connected; the store connects it and closes it. Its stack needs {@code
     *     STATE_TRANSFER} or {@code STATE}, and {@code MERGE3} to come together after a split
     * @param cluster the name of the cluster that all instances join
     * @return a builder with the defaults
     */
    public static ReplicatedStoreBuilder builder(JChannel channel, String cluster) {
        return new ReplicatedStoreBuilder(channel, cluster);
    }

    static ReplicatedStore join(ReplicatedStoreBuilder settings) throws Exception {
        ReplicatedStore store = new ReplicatedStore(settings);
        try {
            store.channel.setDiscardOwnMessages(true);
            store.channel.setReceiver(store.new Ears());
            store.channel.connect(settings.cluster, null, settings.stateTimeout.toMillis());
            return store;
        } catch (Exception e) {
            store.close();
            throw e;
        }
    }

    @Override
    public CompletionStage<@Nullable String> find(String key) {
        ReplicatedBinding bound = table.get(AffinityStore.checked("key", key));
        if (bound == null) {
            return CompletableFuture.completedFuture(null);
        }
        long now = ticker.read();
        if (now - bound.told() > tellAgainNanos) {
            table.change(
                    key,
                    before -> before == null ? bound : new ReplicatedBinding(before.server(), before.version(), now));
            outbox.add(key);
        }
        return CompletableFuture.completedFuture(bound.server());
    }

    @Override
    public CompletionStage<String> bind(String key, String server, @Nullable String insteadOf) {
        AffinityStore.checked("key", key);
        AffinityStore.checked("server", server);
        long now = ticker.read();
        boolean[] changed = {false};
        ReplicatedBinding inForce = table.change(key, before -> {
            changed[0] = before == null || before.server().equals(insteadOf);
            long version = before == null ? 1 : before.version() + 1;
            return before == null || changed[0] ? new ReplicatedBinding(server, version, now) : before;
        });
        if (changed[0]) {
            outbox.add(key);
        }
        return CompletableFuture.completedFuture(inForce.server());
    }

    private void hear(Wire.Entry entry) {
        ReplicatedBinding heard = new ReplicatedBinding(entry.server(), entry.version(), ticker.read());
        table.change(entry.key(), known -> ReplicatedBinding.stronger(known, heard));
    }

    /**
     * Returns how many instances are in the cluster, as far as is known here.
     *
     * @return this one included; 0 after the store was closed
     */
    public int instances() {
        View view = channel.getView();
        return view == null ? 0 : view.size();
    }

    /**
     * Returns how many bindings are remembered here.
     *
     * @return at most the capacity; an estimate while other threads bind
     */
    public int size() {
        return table.size();
    }

    @Override
    public void close() {
        outbox.close();
        channel.close();
    }

    /** What the others say. Called by the channel's threads. */
    private final class Ears implements Receiver {
        @Override
        public void receive(Message message) {
            if (!(message instanceof BytesMessage) || message.getArray() == null) {
                LOG.warn("a message that is no bytes, from {}", message.getSrc());
                return;
            }
            try (InputStream in =
                    new ByteArrayInputStream(message.getArray(), message.getOffset(), message.getLength())) {
                Wire.read(in, ReplicatedStore.this::hear);
            } catch (IOException e) {
                LOG.warn("a malformed message from {}: {}", message.getSrc(), e.getMessage());
            }
        }

        @Override
        public void getState(OutputStream output) throws Exception {
            DataOutputStream out = new DataOutputStream(output);
            Wire.begin(out);
            table.forEach((key, bound) -> {
                try {
                    Wire.write(out, new Wire.Entry(key, bound.server(), bound.version()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            Wire.end(out);
        }

        @Override
        public void setState(InputStream input) throws Exception {
            Wire.read(input, ReplicatedStore.this::hear);
        }

        /** After a split each part hears all that the others have, from one of each part. */
        @Override
        public void viewAccepted(View view) {
            LOG.info("{} instances remember sessions: {}", view.size(), view);
            if (view instanceof MergeView merged && isFirstOfItsPart(merged)) {
                outbox.addAll();
            }
        }

        private boolean isFirstOfItsPart(MergeView merged) {
            return merged.getSubgroups().stream()
                    .anyMatch(part -> part.getMembers().get(0).equals(channel.getAddress()));
        }
    }
}
