package io.lbclient;

import static io.lbclient.PoolFixture.server;
import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any list after any other: the walk along both comes to what looking everything up comes to. */
class RosterChangeTest {
    private final PoolFixture fixture = new PoolFixture();
    private final JudgedPool judge = new JudgedPool();
    private final ServerPool pool = fixture.builder().healthMonitors(judge).build();

    private List<String> ids() {
        return pool.snapshot().servers().stream().map(s -> s.server().id()).toList();
    }

    private void update(String... ids) {
        fixture.news.clear();
        pool.update(servers(ids));
    }

    @Test
    void oneThatWentAndOneThatCame() {
        update("a", "b", "c");
        update("b", "c", "d");
        assertThat(ids()).containsExactly("b", "c", "d");
        assertThat(fixture.news).containsExactly("added d", "removed a");
    }

    @Test
    void anotherOrderIsTakenOverAndIsNoNews() {
        update("a", "b", "c", "d");
        Candidate kept = judge.candidate("d");
        update("d", "a", "c", "b");
        assertThat(ids()).containsExactly("d", "a", "c", "b");
        assertThat(judge.candidate("d")).isSameAs(kept);
        assertThat(fixture.news).isEmpty();
    }

    @Test
    @DisplayName("equal objects in place of the same ones change nothing")
    void equalObjects() {
        update("a", "b");
        Candidate kept = judge.candidate("b");
        update("a", "b");
        assertThat(judge.candidate("b")).isSameAs(kept);
        assertThat(fixture.news).isEmpty();
    }

    @ParameterizedTest(name = "twice: {0}")
    @ValueSource(strings = {"a", "b", "c", "x"})
    void aServerThatComesTwiceCountsOnceWhereverItStands(String twice) {
        update("a", "b", "c");
        update("a", "b", "c", "x", twice);
        assertThat(ids()).containsExactly("a", "b", "c", "x");
        update(twice, "c", "b", "a", "x", twice);
        assertThat(ids()).containsExactlyInAnyOrder("a", "b", "c", "x").first().isEqualTo(twice);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"a", "c", "x"})
    void oneIdWithTwoSettingsIsRefusedAndNothingIsChanged(String contradicted) {
        update("a", "b", "c");
        List<Server> wrong = new ArrayList<>(servers("y", "c", "b", "a", "x"));
        wrong.add(server(contradicted).withWeight(3));
        fixture.news.clear();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.update(wrong))
                .withMessageStartingWith("servers: ")
                .withMessageEndingWith("(expected: one server for each id)");
        assertThat(ids()).containsExactly("a", "b", "c");
        assertThat(fixture.news).isEmpty();
        update("a", "b", "c", "d");
        assertThat(fixture.news).containsExactly("added d");
    }

    @Test
    @DisplayName(
            "5 000 random lists, one after another: who is there, in which order, with which settings, and what was told")
    void randomLists() {
        Random random = new Random(11);
        List<Server> present = List.of();
        for (int round = 0; round < 5_000; round++) {
            List<Server> next = another(present, random);
            Map<String, Candidate> before = new LinkedHashMap<>();
            judge.pool().candidates().forEach(c -> before.put(c.server().id(), c));
            fixture.news.clear();
            pool.update(next);

            Map<String, Server> wanted = new LinkedHashMap<>();
            next.forEach(one -> wanted.putIfAbsent(one.id(), one));
            assertThat(pool.snapshot().servers())
                    .extracting(ServerSnapshot::server)
                    .containsExactlyElementsOf(wanted.values());
            fixture.news.removeIf(line -> line.startsWith("none of"));
            assertThat(fixture.news).containsExactlyElementsOf(expectedNews(present, wanted));
            for (Candidate now : judge.pool().candidates()) {
                Candidate known = before.get(now.server().id());
                assertThat(known == null || known == now).isTrue();
            }
            present = List.copyOf(wanted.values());
        }
    }

    private static List<String> expectedNews(List<Server> present, Map<String, Server> wanted) {
        Map<String, Server> old = new LinkedHashMap<>();
        present.forEach(one -> old.put(one.id(), one));
        List<String> news = new ArrayList<>();
        wanted.forEach((id, one) -> {
            if (!old.containsKey(id)) {
                news.add("added " + id);
            } else if (!one.equals(old.get(id))) {
                news.add("updated " + id);
            }
        });
        old.keySet().stream().filter(id -> !wanted.containsKey(id)).forEach(id -> news.add("removed " + id));
        return news;
    }

    /** A few come, go, move, change or come twice; now and then all are shuffled. */
    private static List<Server> another(List<Server> present, Random random) {
        List<Server> next = new ArrayList<>(present);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(next.size() + 1);
            boolean some = at < next.size();
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    String id = "s" + random.nextInt(30);
                    if (next.stream().noneMatch(one -> one.id().equals(id))) {
                        next.add(at, server(id));
                    }
                }
                case 2 -> {
                    if (some) {
                        next.remove(at);
                    }
                }
                case 3 -> {
                    if (some) {
                        Server changed = next.get(at).withWeight(1 + random.nextInt(3));
                        next.replaceAll(one -> one.id().equals(changed.id()) ? changed : one);
                    }
                }
                case 4 -> {
                    if (some) {
                        // An equal one, not the same.
                        next.add(
                                random.nextInt(next.size()),
                                next.get(at).withZone(next.get(at).zone()));
                    }
                }
                default -> {
                    if (random.nextInt(10) == 0) {
                        Collections.shuffle(next, random);
                    }
                }
            }
        }
        return next;
    }
}
