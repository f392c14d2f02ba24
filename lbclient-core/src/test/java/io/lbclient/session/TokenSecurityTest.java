package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Affinity;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Server;
import io.lbclient.balancer.Balancers;
import io.lbclient.session.Shop.Ask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
    private static final String[] SERVERS = {"10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"};
    private static final int TRIES = 10_000;

    private final Random random = new Random(5);

    private static SessionAffinityBuilder signedWith(TokenKeys keys) {
        return SessionAffinity.builder().cookie("lb", keys);
    }

    private static Shop shop(TokenKeys keys) {
        return new Shop(signedWith(keys), SERVERS);
    }

    /** A token is accepted if its request is not given a new one. */
    private static boolean accepted(Shop shop, String token) {
        return shop.visit(Ask.cookie("lb", token)).tokens().isEmpty();
    }

    @Test
    void ofTenThousandTokensNoneIsGoodWithAnyBitFlipped() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            int accepted = 0;
            for (int i = 0; i < TRIES; i++) {
                String token = shop.visit(Ask.ANEW).token();
                byte[] bytes = Base64.getUrlDecoder().decode(token);
                // Over the ten thousand, each of the 384 bits in turn.
                int bit = i % (bytes.length * 8);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                accepted += accepted(shop, Base64.getUrlEncoder().encodeToString(bytes)) ? 1 : 0;
            }
            assertThat(accepted).isZero();
        }
    }

    @Test
    void noCharacterOfATokenCanBeAnother() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            String token = shop.visit(Ask.ANEW).token();
            assertThat(accepted(shop, token)).isTrue();
            for (int at = 0; at < token.length(); at++) {
                for (char c = 0x20; c < 0x7f; c++) {
                    String changed = token.substring(0, at) + c + token.substring(at + 1);
                    assertThat(accepted(shop, changed)).isEqualTo(changed.equals(token));
                }
            }
            for (String odd :
                    List.of("", "=", token + "=", token + "A", token.substring(1), " " + token, token + " ")) {
                assertThat(accepted(shop, odd)).isFalse();
            }
        }
    }

    @Test
    void tenThousandForgedTokensAreNotAccepted() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            byte[] genuine = Base64.getUrlDecoder().decode(shop.visit(Ask.ANEW).token());
            int accepted = 0;
            for (int i = 0; i < TRIES; i++) {
                byte[] forged = new byte[48];
                random.nextBytes(forged);
                // The right version and key, and now and then the right server and expiry.
                System.arraycopy(genuine, 0, forged, 0, i % 2 == 0 ? 4 : 16);
                accepted += accepted(shop, Base64.getUrlEncoder().encodeToString(forged)) ? 1 : 0;
            }
            assertThat(accepted).isZero();
        }
    }

    @Test
    void tokensWhoseServerWasSwappedAreNotAccepted() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            for (int i = 0; i < TRIES; i++) {
                byte[] one = Base64.getUrlDecoder().decode(shop.visit(Ask.ANEW).token());
                byte[] other =
                        Base64.getUrlDecoder().decode(shop.visit(Ask.ANEW).token());
                System.arraycopy(other, 8, one, 8, 8);
                assertThat(accepted(shop, Base64.getUrlEncoder().encodeToString(one)))
                        .isFalse();
            }
        }
    }

    @Test
    void tenThousandTokensSignedWithOtherKeysAreNotAccepted() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            for (int i = 0; i < TRIES / 10; i++) {
                byte[] key = new byte[32];
                random.nextBytes(key);
                try (Shop attacker = shop(TokenKeys.of(key))) {
                    for (int j = 0; j < 10; j++) {
                        assertThat(accepted(shop, attacker.visit(Ask.ANEW).token()))
                                .isFalse();
                    }
                }
            }
        }
    }

    @Test
    void tenThousandTokensOfAnotherPoolWithTheSameKeysAndServersAreNotAccepted() {
        TokenKeys keys = TokenKeys.of(Shop.KEY);
        try (Shop shop = shop(keys);
                Shop foreign = new Shop("shop2", signedWith(keys), Balancers.roundRobin(), SERVERS)) {
            for (int i = 0; i < TRIES; i++) {
                assertThat(accepted(shop, foreign.visit(Ask.ANEW).token())).isFalse();
            }
        }
    }

    @Test
    void tenThousandExpiredTokensAreNotAccepted() {
        try (Shop shop = new Shop(signedWith(TokenKeys.of(Shop.KEY)).lifetime(Duration.ofHours(1)), SERVERS)) {
            List<String> tokens = new ArrayList<>();
            for (int i = 0; i < TRIES; i++) {
                tokens.add(shop.visit(Ask.ANEW).token());
            }
            shop.advance(Duration.ofMinutes(29));
            assertThat(tokens).allMatch(token -> accepted(shop, token));
            shop.advance(Duration.ofMinutes(31));
            assertThat(tokens).noneMatch(token -> accepted(shop, token));
        }
    }

    @Test
    void aTokenInUseIsRenewedAndNamesTheSameServer() {
        try (Shop shop = new Shop(signedWith(TokenKeys.of(Shop.KEY)).lifetime(Duration.ofHours(1)), SERVERS)) {
            Shop.Visit visit = shop.visit(Ask.ANEW);
            String token = visit.token();
            for (int i = 0; i < 10; i++) {
                shop.advance(Duration.ofMinutes(31));
                Shop.Visit next = shop.visit(Ask.cookie("lb", token));
                assertThat(next.server()).isEqualTo(visit.server());
                assertThat(next.token()).isNotEqualTo(token);
                token = next.token();
            }
        }
    }

    @Test
    void tokensOfAFormerKeyAreGoodUntilItIsRetired() {
        TokenKeys keys = TokenKeys.of(Shop.KEY);
        try (Shop shop = shop(keys)) {
            List<Shop.Visit> old = new ArrayList<>();
            for (int i = 0; i < TRIES; i++) {
                old.add(shop.visit(Ask.ANEW));
            }
            keys.rotate(Shop.OTHER_KEY);
            List<Shop.Visit> renewed = old.stream()
                    .map(v -> shop.visit(Ask.cookie("lb", v.token())))
                    .toList();
            for (int i = 0; i < TRIES; i++) {
                assertThat(renewed.get(i).server()).isEqualTo(old.get(i).server());
            }
            keys.retireFormer();

            assertThat(old).noneMatch(visit -> accepted(shop, visit.token()));
            assertThat(renewed).allMatch(visit -> accepted(shop, visit.token()));
            assertThat(keys).hasToString("1 keys");
        }
    }

    @Test
    void instancesWithTheSameKeysKnowEachOthersTokensDuringARotation() {
        TokenKeys before = TokenKeys.of(Shop.KEY, Shop.OTHER_KEY);
        TokenKeys after = TokenKeys.of(Shop.OTHER_KEY, Shop.KEY);
        try (Shop old = shop(before);
                Shop young = shop(after)) {
            for (int i = 0; i < 100; i++) {
                Shop.Visit ofOld = old.visit(Ask.ANEW);
                Shop.Visit ofYoung = young.visit(Ask.ANEW);
                assertThat(young.visit(Ask.cookie("lb", ofOld.token())).server())
                        .isEqualTo(ofOld.server());
                assertThat(old.visit(Ask.cookie("lb", ofYoung.token())).server())
                        .isEqualTo(ofYoung.server());
            }
        }
    }

    @Test
    void aGoodTokenOfAServerThatIsGoneMeansAnOrdinaryPick() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            Shop.Visit visit = shop.visit(Ask.ANEW);
            shop.pool.remove(visit.server());
            Shop.Visit next = shop.visit(Ask.cookie("lb", visit.token()));

            assertThat(next.server()).isNotEqualTo(visit.server());
            assertThat(next.tokens()).hasSize(1);
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
            try (Shop shop = shop(TokenKeys.of(key))) {
                shop.pool.update(servers);
                for (int i = 0; i < servers.size(); i++) {
                    Shop.Visit visit = shop.visit(Ask.ANEW);
                    byte[] bytes = Base64.getUrlDecoder().decode(visit.token());
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
        SessionAffinityBuilder strict = signedWith(TokenKeys.of(Shop.KEY));
        try (Shop shop = new Shop(strict, SERVERS)) {
            Map<String, Integer> reached = new HashMap<>();
            for (int i = 0; i < 300; i++) {
                String id = SERVERS[0];
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
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            assertThat(accepted(shop, "A".repeat(1 << 20))).isFalse();
        }
    }

    /** What it costs to compare does not depend on where the forgery differs: see isEqual. Here, that each place counts. */
    @Test
    void everyByteOfTheSignatureCounts() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            byte[] token = Base64.getUrlDecoder().decode(shop.visit(Ask.ANEW).token());
            for (int at = 16; at < 48; at++) {
                byte[] changed = token.clone();
                changed[at]++;
                assertThat(accepted(shop, Base64.getUrlEncoder().encodeToString(changed)))
                        .isFalse();
            }
        }
    }

    /** I24: whoever collects good tokens for one server cannot have more of them than that server's bounded part. */
    @Test
    void anAttackerWhoKeepsTheTokensOfOneServerGetsNoMoreThanItsBoundedPart() {
        SessionAffinityBuilder bounded = signedWith(TokenKeys.of(Shop.KEY)).boundedLoad(1.25);
        try (Shop shop = new Shop(bounded, Balancers.random(), SERVERS)) {
            Map<String, Integer> begun = new HashMap<>();
            for (int i = 0; i < TRIES; i++) {
                begun.merge(shop.visit(Ask.ANEW).server(), 1, Integer::sum);
            }
            assertThat(begun.values()).allMatch(count -> count <= Math.ceil(1.25 * TRIES / 3));
            // And a thousand keys of his own buy him nothing.
            for (int i = 0; i < 1_000; i++) {
                byte[] key = new byte[32];
                random.nextBytes(key);
                try (Shop attacker = shop(TokenKeys.of(key))) {
                    assertThat(accepted(shop, attacker.visit(Ask.ANEW).token())).isFalse();
                }
            }
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
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            for (int i = 0; i < 1_000; i++) {
                Affinity.Token token = shop.visit(Ask.ANEW).tokens().get(0);
                assertThat(token.value()).matches("[A-Za-z0-9_-]{64}");
                assertThat(token).hasToString("COOKIE lb");
            }
        }
    }

    @Test
    void keysThatAreTooShortOrTheSameAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.of(new byte[31]))
                .withMessage("key: 31 bytes (expected: at least 32 random ones)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.of(Shop.KEY, Shop.KEY))
                .withMessage("keys: two with one id (expected: different ones)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.of(Shop.KEY).rotate(Shop.KEY));
    }

    @Test
    void aCarrierTakesTheTokenInPlaceOfTheAdapter() {
        try (Shop shop = shop(TokenKeys.of(Shop.KEY))) {
            SessionCarrier user = new SessionCarrier(null);
            Shop.Visit visit = shop.visit(Ask.carrying(user));
            String issued = user.issued();
            SessionCarrier later = new SessionCarrier(issued);

            assertThat(visit.tokens()).isEmpty();
            assertThat(user.lifetime()).isEqualTo(Duration.ofHours(8));
            assertThat(shop.visit(Ask.carrying(user)).server()).isEqualTo(visit.server());
            assertThat(shop.visit(Ask.carrying(later)).server()).isEqualTo(visit.server());
            assertThat(later.issued()).isNull();
            assertThat(user).hasToString("a new session");
        }
    }

    @Test
    void aTokenInAClaimNamesItsServerToo() {
        SessionAffinityBuilder claim = SessionAffinity.builder()
                .token(request -> request.header("claim"), TokenKeys.of(Shop.KEY))
                .strict();
        try (Shop shop = new Shop(claim, SERVERS)) {
            SessionCarrier user = new SessionCarrier(null);
            String server = shop.visit(Ask.carrying(user)).server();
            Ask withClaim = Ask.header("claim", String.valueOf(user.issued()));

            assertThat(shop.visit(withClaim).server()).isEqualTo(server);
            shop.eject(server);
            assertThatExceptionOfType(NoServerAvailableException.class).isThrownBy(() -> shop.visit(withClaim));
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
