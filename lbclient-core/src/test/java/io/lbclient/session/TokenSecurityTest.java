package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Affinity;
import io.lbclient.Server;
import io.lbclient.balancer.Balancers;
import io.lbclient.session.Shop.Ask;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** S5, S6 and I24 of the security checks: nobody chooses a server by a token that we did not give. */
class TokenSecurityTest {
    private static final int TRIES = 10_000;

    private final Random random = new Random(5);

    private static byte[] bytes(String token) {
        return Base64.getUrlDecoder().decode(token);
    }

    private static String token(byte[] bytes) {
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    @Test
    void ofTenThousandTokensNoneIsGoodWithAnyBitFlipped() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            int accepted = 0;
            for (int i = 0; i < TRIES; i++) {
                String token = shop.visit(Ask.ANEW).token();
                byte[] bytes = bytes(token);
                // Over the ten thousand, each of the 384 bits in turn.
                int bit = i % (bytes.length * 8);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                accepted += shop.accepts(token(bytes)) ? 1 : 0;
            }
            assertThat(accepted).isZero();
        }
    }

    @Test
    void noCharacterOfATokenCanBeAnother() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            String token = shop.visit(Ask.ANEW).token();
            assertThat(shop.accepts(token)).isTrue();
            for (int at = 0; at < token.length(); at++) {
                for (char c = 0x20; c < 0x7f; c++) {
                    String changed = token.substring(0, at) + c + token.substring(at + 1);
                    assertThat(shop.accepts(changed)).isEqualTo(changed.equals(token));
                }
            }
            for (String odd :
                    List.of("", "=", token + "=", token + "A", token.substring(1), " " + token, token + " ")) {
                assertThat(shop.accepts(odd)).isFalse();
            }
        }
    }

    @Test
    void tenThousandForgedTokensAreNotAccepted() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            byte[] genuine = bytes(shop.visit(Ask.ANEW).token());
            int accepted = 0;
            for (int i = 0; i < TRIES; i++) {
                byte[] forged = new byte[48];
                random.nextBytes(forged);
                // The right version and key, and now and then the right server and expiry.
                System.arraycopy(genuine, 0, forged, 0, i % 2 == 0 ? 4 : 16);
                accepted += shop.accepts(token(forged)) ? 1 : 0;
            }
            assertThat(accepted).isZero();
        }
    }

    @Test
    void tokensWhoseServerWasSwappedAreNotAccepted() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            for (int i = 0; i < TRIES; i++) {
                byte[] one = bytes(shop.visit(Ask.ANEW).token());
                byte[] other = bytes(shop.visit(Ask.ANEW).token());
                System.arraycopy(other, 8, one, 8, 8);
                assertThat(shop.accepts(token(one))).isFalse();
            }
        }
    }

    @Test
    void tenThousandTokensSignedWithOtherKeysAreNotAccepted() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            for (int i = 0; i < TRIES / 10; i++) {
                byte[] key = new byte[32];
                random.nextBytes(key);
                try (Shop attacker = Shop.signing(TokenKeys.of(key))) {
                    for (int j = 0; j < 10; j++) {
                        assertThat(shop.accepts(attacker.visit(Ask.ANEW).token()))
                                .isFalse();
                    }
                }
            }
        }
    }

    @Test
    void tenThousandTokensOfAnotherPoolWithTheSameKeysAndServersAreNotAccepted() {
        TokenKeys keys = TokenKeys.of(Shop.KEY);
        try (Shop shop = Shop.signing(keys);
                Shop foreign = new Shop("shop2", Shop.signedWith(keys), Balancers.roundRobin(), Shop.SERVERS)) {
            for (int i = 0; i < TRIES; i++) {
                assertThat(shop.accepts(foreign.visit(Ask.ANEW).token())).isFalse();
            }
        }
    }

    @Test
    void nothingOfTheServersCanBeReadOutOfATokenNorTheSameNameUnderAnotherKey() {
        List<Server> servers = new ArrayList<>();
        for (int i = 1; i < 200; i++) {
            servers.add(Server.of("10.20.30." + i, 8000 + i));
        }
        Set<Long> names = new HashSet<>();
        for (byte[] key : List.of(Shop.KEY, Shop.OTHER_KEY)) {
            try (Shop shop = Shop.signing(TokenKeys.of(key))) {
                shop.pool.update(servers);
                for (int i = 0; i < servers.size(); i++) {
                    Shop.Visit visit = shop.visit(Ask.ANEW);
                    byte[] bytes = bytes(visit.token());
                    String shown = new String(bytes, StandardCharsets.ISO_8859_1) + visit.token();
                    String address = visit.server();
                    assertThat(shown).doesNotContain(address, address.substring(0, address.indexOf(':')), "8080");
                    assertThat(containsAddress(bytes, address)).isFalse();
                    names.add(java.nio.ByteBuffer.wrap(bytes, 8, 8).getLong());
                }
            }
        }
        assertThat(names).hasSize(2 * servers.size());
    }

    /** The four bytes of an IPv4 address, or its port, in either order, as F5 cookies have them. */
    private static boolean containsAddress(byte[] bytes, String address) {
        String[] parts = address.substring(0, address.indexOf(':')).split("\\.");
        for (int at = 0; at + 4 <= bytes.length; at++) {
            boolean forward = true;
            boolean backward = true;
            for (int i = 0; i < 4; i++) {
                forward &= bytes[at + i] == (byte) Integer.parseInt(parts[i]);
                backward &= bytes[at + i] == (byte) Integer.parseInt(parts[3 - i]);
            }
            if (forward || backward) {
                return true;
            }
        }
        return false;
    }

    @Test
    void anAddressInACookieIsNeverUsed() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            Map<String, Integer> reached = new HashMap<>();
            for (int i = 0; i < 300; i++) {
                String id = Shop.SERVERS[0];
                List<String> tricks = List.of(
                        id,
                        Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8)),
                        "16777226.36895.0000",
                        "\"" + id + "\"");
                reached.merge(shop.visit(Ask.cookie("lb", tricks.get(i % 4))).server(), 1, Integer::sum);
            }
            assertThat(reached.values()).allMatch(count -> count == 100);
        }
    }

    @Test
    void aMegabyteOfCookieIsNoToken() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            assertThat(shop.accepts("A".repeat(1 << 20))).isFalse();
        }
    }

    /** I24: whoever collects good tokens for one server cannot have more of them than that server's bounded part. */
    @Test
    void anAttackerWhoKeepsTheTokensOfOneServerGetsNoMoreThanItsBoundedPart() {
        SessionAffinityBuilder bounded = Shop.signedWith(TokenKeys.of(Shop.KEY)).boundedLoad(1.25);
        try (Shop shop = new Shop(bounded, Balancers.random(), Shop.SERVERS)) {
            Map<String, Integer> begun = new HashMap<>();
            for (int i = 0; i < TRIES; i++) {
                begun.merge(shop.visit(Ask.ANEW).server(), 1, Integer::sum);
            }
            assertThat(begun.values()).allMatch(count -> count <= Math.ceil(1.25 * TRIES / 3));
        }
    }

    /** S6: no name can carry a line break or anything else that means something on the wire. */
    @Test
    void namesOfCookiesAndHeadersAreTokensAndNothingElse() {
        TokenKeys keys = TokenKeys.of(Shop.KEY);
        InMemoryStore store = new InMemoryStore();
        List<Character> bad = new ArrayList<>();
        for (int c = 0; c <= 0xffff; c++) {
            boolean token = c < 0x7f && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
            if (!token) {
                bad.add((char) c);
            }
        }
        assertThat(bad).hasSizeGreaterThan(65_000);
        int refused = 0;
        for (char c : bad) {
            String name = "a" + c + "b";
            refused += refused(() -> SessionAffinity.builder().cookie(name, keys));
            refused += refused(() -> SessionAffinity.builder().learnedHeader(name, store));
        }
        assertThat(refused).isEqualTo(2 * bad.size());
        assertThat(refused(() -> SessionAffinity.builder().cookie("a".repeat(129), keys)))
                .isOne();
        for (char c : bad) {
            if (c <= 0x20 || c >= 0x7f) {
                assertThat(refused(() -> Shop.server("a" + c))).isOne();
            }
        }
    }

    /** 1 if it is refused, in words that can be printed. */
    private static int refused(Runnable setting) {
        try {
            setting.run();
            return 0;
        } catch (IllegalArgumentException e) {
            return e.getMessage().chars().allMatch(c -> c >= 0x20 && c < 0x7f) ? 1 : 0;
        }
    }

    @Test
    void whatIsIssuedIsMadeOfHarmlessCharacters() {
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            for (int i = 0; i < 1_000; i++) {
                Affinity.Token token = shop.visit(Ask.ANEW).tokens().get(0);
                assertThat(token.value()).matches("[A-Za-z0-9_-]{64}");
                assertThat(token).hasToString("COOKIE lb");
            }
        }
    }
}
