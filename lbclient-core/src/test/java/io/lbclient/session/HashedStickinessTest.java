package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Attempt;
import io.lbclient.Outcome;
import io.lbclient.session.Shop.Ask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sessions that are tied by the hash of a key, with nothing remembered. */
class HashedStickinessTest {
    private static Shop shop(String... servers) {
        return new Shop(SessionAffinity.builder().hash(request -> request.header("user")), servers);
    }

    private static List<Ask> users(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Ask.header("user", "u" + i))
                .toList();
    }

    @Test
    void hashedKeysStayAndOnlyThoseOfALostServerMove() {
        try (Shop shop = shop("a", "b", "c")) {
            List<Ask> users = users(300);
            List<String> before =
                    users.stream().map(u -> shop.visit(u).server()).toList();
            shop.eject("b");
            List<String> without =
                    users.stream().map(u -> shop.visit(u).server()).toList();
            shop.readmit("b");

            assertThat(before.stream().filter("b"::equals).count()).isBetween(70L, 130L);
            for (int i = 0; i < 300; i++) {
                assertThat(without.get(i)).isNotEqualTo("b");
                if (!before.get(i).equals("b")) {
                    assertThat(without.get(i)).isEqualTo(before.get(i));
                }
            }
            assertThat(users.stream().map(u -> shop.visit(u).server())).isEqualTo(before);
            // Without the key the strategy decides.
            assertThat(IntStream.range(0, 3).mapToObj(i -> shop.visit(Ask.ANEW).server()))
                    .containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    private static Map<String, Long> counts(Shop shop, List<Ask> users) {
        return users.stream()
                .collect(Collectors.groupingBy(user -> shop.visit(user).server(), Collectors.counting()));
    }

    @Test
    void keysAreDividedByWeightAndADrainingServerHasNone() {
        try (Shop shop = shop("a")) {
            shop.pool.update(List.of(Shop.server("a"), Shop.server("b").withWeight(3)));
            List<Ask> users = users(400);
            assertThat(counts(shop, users).get("b")).isBetween(250L, 350L);

            shop.pool.drain("b", Duration.ofMinutes(2));
            assertThat(counts(shop, users)).containsOnlyKeys("a");
        }
    }

    @Test
    void aKeyOfAnEjectedServerIsItsTrialAndOthersAreNot() {
        try (Shop shop = shop("a", "b", "c")) {
            List<Ask> users = users(60);
            Map<String, List<Ask>> byServer = new HashMap<>();
            users.forEach(user -> byServer.computeIfAbsent(shop.visit(user).server(), s -> new ArrayList<>())
                    .add(user));
            shop.eject("b");
            shop.offerTrial("b");

            byServer.get("a")
                    .forEach(user -> assertThat(shop.visit(user).server()).isEqualTo("a"));
            List<Ask> displaced = byServer.get("b");
            assertThat(shop.visit(displaced.get(0)).server()).isEqualTo("b");
            assertThat(shop.visit(displaced.get(1)).server()).isNotEqualTo("b");
        }
    }

    @Test
    void aRetryOfAHashedKeyGoesWhereItsLaterRequestsGoToo() {
        for (Ask user : users(40)) {
            try (Shop shop = shop("a", "b", "c", "d")) {
                Attempt attempt = shop.pool.pick(user);
                attempt.complete(Outcome.CONNECT_FAILURE);
                Attempt again = attempt.another();
                Shop.finish(again, Map.of());

                assertThat(again.server()).isNotEqualTo(attempt.server());
                assertThat(shop.visit(user).server()).isEqualTo(again.server().id());
            }
        }
    }

    /** The vector of the paper's appendix: a key of 00 to 0f, a text of 00 to 0e. */
    @Test
    void sipHashIsThatOfThePaper() {
        byte[] text = new byte[15];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) i;
        }
        assertThat(new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L).hash(text))
                .isEqualTo(0xa129ca6149be45e5L);
    }
}
