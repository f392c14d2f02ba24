package io.lbclient.discovery;

import static io.lbclient.discovery.Guarded.server;
import static io.lbclient.discovery.Guarded.servers;
import static io.lbclient.discovery.StillClock.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.PoolListener;
import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import io.lbclient.Threads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CompositeTest {
    private final StillClock clock = new StillClock();
    private final Source one = new Source();
    private final Source two = new Source();

    @Test
    void aMergedListHasTheServersOfAllAndTheEarlierSourceCounts() {
        one.atOnce = List.of(server("a").withWeight(2));
        ServerPool pool = clock.pool(Discoveries.merged(one, two));
        assertThat(ids(pool)).containsExactly("a");
        two.sink().update(servers("a", "b"));
        assertThat(ids(pool)).containsExactly("a", "b");
        assertThat(pool.snapshot().servers().get(0).weight()).isEqualTo(2);

        one.sink().failed(new IllegalStateException("down"));
        two.sink().update(List.of());
        assertThat(ids(pool)).containsExactly("a", "b");
    }

    @Test
    void aLaterSourceServesWhileTheEarlierOneHasNoServers() {
        ServerPool pool = clock.pool(Discoveries.firstWithServers(one, two));
        two.sink().update(servers("standby"));
        assertThat(ids(pool)).containsExactly("standby");
        one.sink().update(servers("a", "b"));
        assertThat(ids(pool)).containsExactly("a", "b");
        one.sink().failed(new IllegalStateException("down"));
        one.sink().update(List.of());
        assertThat(ids(pool)).containsExactly("a", "b");
        one.sink().authoritative(List.of());
        assertThat(ids(pool)).containsExactly("standby");
    }

    @Test
    void theHintGoesToAllAndAllAreClosed() {
        ServerPool pool =
                clock.pool(Discoveries.merged(one, Discoveries.firstWithServers(two, Discoveries.fixed(server("z")))));
        assertThat(ids(pool)).containsExactly("z");
        pool.close();
        assertThat(one.told).containsExactly("subscribed 0", "closed 0");
        assertThat(two.told).containsExactly("subscribed 0", "closed 0");
    }

    @Test
    void aCombinationOfNothingIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(Discoveries::merged).withMessage("sources: 0 (expected: >= 1)");
    }

    @Test
    @DisplayName("bug 20: parts that push from many threads at once end in the last list of each")
    void bug20PartsThatPushAtOnceLoseNothing() throws InterruptedException {
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            sources.add(new Source());
        }
        ServerPool pool = clock.pool(Discoveries.merged(sources.toArray(ServerDiscovery[]::new)));
        for (int round = 0; round < 50; round++) {
            int last = round;
            Threads.run(sources.size(), at -> () -> {
                for (int i = 0; i < 20; i++) {
                    sources.get(at)
                            .sink()
                            .update(List.of(server(at + "-" + i % 2), server(at + "-" + (i == 19 ? "end" + last : i))));
                }
            });
            for (int part = 0; part < sources.size(); part++) {
                assertThat(ids(pool)).contains(part + "-end" + round);
            }
        }
    }

    @Test
    @DisplayName(
            "bug 20: a source that pushes ten thousand lists while it is subscribed to does not pile up on the stack")
    void bug20PushesOfOneThreadDoNotPileUp() {
        ServerDiscovery eager = sink -> {
            for (int i = 0; i < 10_000; i++) {
                sink.update(servers("a", "b" + i));
            }
            return () -> {};
        };
        ServerPool pool = clock.pool(Discoveries.merged(eager, Discoveries.fixed(server("c"))));
        assertThat(ids(pool)).containsExactly("a", "b9999", "c");
    }

    @Test
    @DisplayName("bug 20: a listener that makes the source push again while it is told is no trap")
    void bug20AListenerMayMakeTheSourcePush() {
        ServerPool pool = clock.pool(GuardRails.standard().around(one));
        int[] pushes = {0};
        pool.addListener(new PoolListener() {
            @Override
            public void serverAdded(String name, Server server) {
                if (pushes[0]++ < 1_000) {
                    one.sink().update(servers("a", "b" + pushes[0]));
                }
            }
        });
        one.sink().update(servers("a"));
        assertThat(ids(pool)).containsExactly("a", "b1000");
    }
}
