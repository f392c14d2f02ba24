package io.lbclient.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.session.BindingTable;
import io.lbclient.test.FakeTicker;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is still to be told to the others, while nothing can be told. */
class OutboxTest {
    private static final int CAPACITY = 100;

    private final ExecutorService teller = Executors.newSingleThreadExecutor();
    private final BindingTable<ReplicatedBinding> table =
            new BindingTable<>(CAPACITY, Duration.ofMinutes(30), new FakeTicker());
    private final CountDownLatch network = new CountDownLatch(1);
    private final Map<String, String> told = new ConcurrentHashMap<>();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final Outbox outbox = new Outbox(table, CAPACITY, teller, message -> {
        hanging.countDown();
        network.await();
        Wire.read(new ByteArrayInputStream(message), entry -> told.put(entry.key(), entry.server()));
    });

    @AfterEach
    void close() {
        network.countDown();
        outbox.close();
    }

    private void bind(String key) {
        table.change(key, before -> new ReplicatedBinding("server of " + key, 1, 0));
        outbox.add(key);
    }

    @Test
    void aFloodWhileTheNetworkHangsIsBoundedAndWhatIsLeftOfItIsToldAfterwards() throws Exception {
        bind("the first");
        assertThat(hanging.await(60, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 100 * CAPACITY; i++) {
            bind("session-" + i);
            assertThat(outbox.waiting()).isLessThanOrEqualTo(CAPACITY);
        }
        Map<String, String> left = new TreeMap<>();
        table.forEach((key, bound) -> left.put(key, bound.server()));
        assertThat(left).hasSize(CAPACITY);
        network.countDown();
        teller.submit(() -> {}).get(60, TimeUnit.SECONDS);
        // The round that the flood asked for comes after the one that hung.
        teller.submit(() -> {}).get(60, TimeUnit.SECONDS);
        assertThat(told).containsAllEntriesOf(left);
    }

    @Test
    void aClosedOneKeepsNothing() {
        outbox.close();
        for (int i = 0; i < 10; i++) {
            bind("session-" + i);
        }
        outbox.addAll();
        assertThat(outbox.waiting()).isZero();
    }
}
