package io.lbclient.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lbclient.test.FakeTicker;
import io.lbclient.test.StoreContract;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jgroups.Address;
import org.jgroups.JChannel;
import org.jgroups.ObjectMessage;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.FRAG2;
import org.jgroups.protocols.LOCAL_PING;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.SHARED_LOOPBACK;
import org.jgroups.protocols.TP;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.protocols.pbcast.STATE_TRANSFER;
import org.jgroups.stack.ProtocolStack;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
class ReplicatedStoreTest {
    private final String cluster = "test-" + UUID.randomUUID();

    /** A channel within this process. */
    private static JChannel channel() throws Exception {
        return new JChannel(
                new SHARED_LOOPBACK(),
                new LOCAL_PING(),
                new MERGE3().setMinInterval(200).setMaxInterval(500),
                new NAKACK2().useMcastXmit(false),
                new UNICAST3(),
                new STABLE(),
                new GMS().setJoinTimeout(500).printLocalAddress(false),
                new FRAG2(),
                new STATE_TRANSFER());
    }

    private ReplicatedStore join() throws Exception {
        return ReplicatedStore.builder(channel(), cluster).join();
    }

    private static @Nullable String find(ReplicatedStore store, String key) {
        return store.find(key).toCompletableFuture().join();
    }

    private static String bind(ReplicatedStore store, String key, String server, @Nullable String instead) {
        return store.bind(key, server, instead).toCompletableFuture().join();
    }

    private static void await(ReplicatedStore store, String key, @Nullable String server) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!String.valueOf(server).equals(String.valueOf(find(store, key)))) {
            assertThat(System.nanoTime() - end)
                    .as("%s is not at %s but at %s", key, server, find(store, key))
                    .isNegative();
            LockSupport.parkNanos(100_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheContract(StoreContract rule) throws Exception {
        try (ReplicatedStore store = join()) {
            rule.check(store);
        }
    }

    @Test
    void whatOneBindsAllKnow() throws Exception {
        try (ReplicatedStore one = join();
                ReplicatedStore two = join()) {
            bind(one, "k", "a", null);
            await(two, "k", "a");
            assertThat(bind(two, "k", "b", "a")).isEqualTo("b");
            await(one, "k", "b");
        }
    }

    @Test
    void aNewcomerHasAllBindingsWhenItHasJoined() throws Exception {
        try (ReplicatedStore one = join()) {
            for (int i = 0; i < 20_000; i++) {
                bind(one, "k" + i, "s" + i % 7, null);
            }
            try (ReplicatedStore two = join()) {
                assertThat(two.size()).isEqualTo(20_000);
                assertThat(find(two, "k19999")).isEqualTo("s" + 19_999 % 7);
                assertThat(two.instances()).isEqualTo(2);
            }
        }
    }

    /** The merge of two bindings is the same in any order, so all end with the same. */
    @Test
    void whateverTheOrderInWhichBindingsAreHeardTheSameOneStays() {
        Random random = new Random(3);
        for (int round = 0; round < 1_000; round++) {
            List<ReplicatedBinding> heard = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                heard.add(new ReplicatedBinding("s" + random.nextInt(3), 1 + random.nextInt(3), 0));
            }
            ReplicatedBinding first = null;
            for (int order = 0; order < 10; order++) {
                java.util.Collections.shuffle(heard, random);
                ReplicatedBinding kept = null;
                for (ReplicatedBinding binding : heard) {
                    kept = ReplicatedBinding.stronger(kept, binding);
                }
                first = first == null ? kept : first;
                assertThat(kept).isEqualTo(first);
            }
        }
    }

    @Test
    void afterASplitAndAMergeBothPartsAreTheSame() throws Exception {
        JChannel left = channel();
        JChannel right = channel();
        try (ReplicatedStore one = ReplicatedStore.builder(left, cluster).join();
                ReplicatedStore two = ReplicatedStore.builder(right, cluster).join()) {
            bind(one, "before", "a", null);
            await(two, "before", "a");
            split(left, right);
            for (int i = 0; i < 300; i++) {
                bind(one, "both" + i, "left" + i % 3, null);
                bind(two, "both" + i, "right" + i % 3, null);
            }
            bind(one, "only-left", "l", null);
            bind(two, "only-right", "r", null);
            bind(two, "before", "b", "a");
            heal(left, right);

            await(two, "only-left", "l");
            await(one, "only-right", "r");
            await(one, "before", "b");
            for (int i = 0; i < 300; i++) {
                // Of equals the server that comes first, on both sides.
                await(one, "both" + i, "left" + i % 3);
                await(two, "both" + i, "left" + i % 3);
            }
            assertThat(one.size()).isEqualTo(two.size()).isEqualTo(303);
        }
    }

    /** Each hears nothing of the other, and takes it for gone. */
    private static void split(JChannel left, JChannel right) throws Exception {
        for (JChannel channel : List.of(left, right)) {
            DISCARD wall = new DISCARD().discardAll(true);
            channel.getProtocolStack().insertProtocol(wall, ProtocolStack.Position.ABOVE, TP.class);
        }
        for (JChannel channel : List.of(left, right)) {
            GMS membership = channel.getProtocolStack().findProtocol(GMS.class);
            membership.installView(org.jgroups.View.create(
                    channel.getAddress(), channel.getView().getViewId().getId() + 1, channel.getAddress()));
        }
    }

    private static void heal(JChannel left, JChannel right) {
        for (JChannel channel : List.of(left, right)) {
            channel.getProtocolStack().removeProtocol(DISCARD.class);
        }
    }

    @Test
    void aBindingInUseIsToldAgainBeforeItExpiresElsewhere() throws Exception {
        FakeTicker ticker = new FakeTicker();
        try (ReplicatedStore one = ReplicatedStore.builder(channel(), cluster)
                        .ticker(ticker)
                        .join();
                ReplicatedStore two = ReplicatedStore.builder(channel(), cluster)
                        .ticker(ticker)
                        .join()) {
            bind(one, "used", "a", null);
            bind(one, "unused", "a", null);
            await(two, "unused", "a");
            await(two, "used", "a");
            for (int i = 0; i < 3; i++) {
                ticker.advance(Duration.ofMinutes(8));
                // The other instance sees no request of the session itself; it hears of it through a marker that
                // follows.
                assertThat(find(one, "used")).isEqualTo("a");
                bind(one, "marker" + i, "m", null);
                await(two, "marker" + i, "m");
            }
            ticker.advance(Duration.ofMinutes(10));
            // 34 minutes since anybody looked on the second instance, whose lifetime is 30.
            assertThat(find(two, "used")).isEqualTo("a");
            assertThat(find(two, "unused")).isNull();
        }
    }

    @Test
    void aStoreThatCannotJoinLeavesNoChannelOpen() throws Exception {
        JChannel lonely = new JChannel(new SHARED_LOOPBACK()) {
            @Override
            public synchronized JChannel connect(String name, Address target, long timeout) throws Exception {
                throw new IOException("nobody is there");
            }
        };
        assertThatThrownBy(() -> ReplicatedStore.builder(lonely, cluster).join())
                .isInstanceOf(IOException.class)
                .hasMessage("nobody is there");
        assertThat(lonely.isClosed()).isTrue();
    }

    @Test
    void itIsBounded() throws Exception {
        try (ReplicatedStore one = ReplicatedStore.builder(channel(), cluster)
                        .capacity(500)
                        .join();
                ReplicatedStore two = ReplicatedStore.builder(channel(), cluster)
                        .capacity(500)
                        .join()) {
            for (int i = 0; i < 20_000; i++) {
                bind(one, "k" + i, "a", null);
            }
            bind(one, "last", "a", null);
            await(two, "last", "a");
            assertThat(one.size()).isLessThanOrEqualTo(501);
            assertThat(two.size()).isLessThanOrEqualTo(501);
        }
    }

    @Test
    void whatIsNoMessageOfOursChangesNothing() throws Exception {
        try (ReplicatedStore store = join();
                JChannel stranger = channel()) {
            stranger.connect(cluster);
            stranger.send(null, new byte[] {1, 1, 0, 1, 'k'});
            stranger.send(null, new byte[] {9, 9, 9});
            stranger.send(null, new byte[0]);
            stranger.send(new ObjectMessage(null, "an object"));
            stranger.send(null, Wire.bytes(List.of(new Wire.Entry("good", "a", 1))));

            await(store, "good", "a");
            assertThat(store.size()).isEqualTo(1);
        }
    }

    @Test
    void bytesAreReadBackAndNothingElseIs() throws Exception {
        List<Wire.Entry> entries = List.of(new Wire.Entry("k", "a", 1), new Wire.Entry("l", "b", Long.MAX_VALUE));
        List<Wire.Entry> read = new ArrayList<>();
        Wire.read(new ByteArrayInputStream(Wire.bytes(entries)), read::add);
        assertThat(read).isEqualTo(entries);

        for (Wire.Entry bad : List.of(
                new Wire.Entry("", "a", 1),
                new Wire.Entry("k", "", 1),
                new Wire.Entry("k", "a", 0),
                new Wire.Entry("x".repeat(257), "a", 1))) {
            assertThatThrownBy(() -> Wire.read(new ByteArrayInputStream(Wire.bytes(List.of(bad))), read::add))
                    .isInstanceOf(IOException.class);
        }
        assertThat(read).hasSize(2);
    }

    @Test
    void badSettingsAreRefused() throws Exception {
        try (JChannel channel = channel()) {
            assertThatIllegalArgumentException().isThrownBy(() -> ReplicatedStore.builder(channel, ""));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ReplicatedStore.builder(channel, "c").capacity(0))
                    .withMessage("capacity: 0 (expected: 1 to 100000000)");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ReplicatedStore.builder(channel, "c").lifetime(Duration.ZERO));
        }
    }
}
