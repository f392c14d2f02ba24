package io.lbclient.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.NoServerAvailableException;
import io.lbclient.session.Shop.Ask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A token from its issue to its end: who carries it, when it is renewed, and which keys it outlives. */
class TokenLifeTest {
    private static final int TRIES = 10_000;

    @Test
    void tenThousandExpiredTokensAreNotAccepted() {
        try (Shop shop =
                new Shop(Shop.signedWith(TokenKeys.of(Shop.KEY)).lifetime(Duration.ofHours(1)), Shop.SERVERS)) {
            List<String> tokens = new ArrayList<>();
            for (int i = 0; i < TRIES; i++) {
                tokens.add(shop.visit(Ask.ANEW).token());
            }
            shop.advance(Duration.ofMinutes(30));
            assertThat(tokens).allMatch(token -> shop.accepts(token));
            shop.advance(Duration.ofMinutes(30));
            assertThat(tokens).noneMatch(token -> shop.accepts(token));
        }
    }

    @Test
    void aTokenNamesItsServerUntilTheSecondInWhichItExpires() {
        try (Shop shop =
                new Shop(Shop.signedWith(TokenKeys.of(Shop.KEY)).lifetime(Duration.ofHours(1)), Shop.SERVERS)) {
            Shop.Visit visit = shop.visit(Ask.ANEW);
            Ask again = Ask.cookie("lb", visit.token());
            shop.advance(Duration.ofSeconds(3599));
            assertThat(Stream.generate(() -> shop.visit(again).server()).limit(3))
                    .containsOnly(visit.server());
            shop.advance(Duration.ofSeconds(1));
            assertThat(Stream.generate(() -> shop.visit(again).server()).limit(3))
                    .containsExactlyInAnyOrder(Shop.SERVERS);
        }
    }

    @Test
    void aTokenInUseIsRenewedAndNamesTheSameServer() {
        try (Shop shop =
                new Shop(Shop.signedWith(TokenKeys.of(Shop.KEY)).lifetime(Duration.ofHours(1)), Shop.SERVERS)) {
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
        try (Shop shop = Shop.signing(keys)) {
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

            assertThat(old).noneMatch(visit -> shop.accepts(visit.token()));
            assertThat(renewed).allMatch(visit -> shop.accepts(visit.token()));
            assertThat(keys).hasToString("1 keys");
        }
    }

    @Test
    void aFormerKeyMayBecomeTheCurrentOneAndThereAreAtMostEight() {
        TokenKeys keys = TokenKeys.of(Shop.KEY, Shop.OTHER_KEY);
        keys.rotate(Shop.OTHER_KEY);
        assertThat(keys).hasToString("2 keys");
        for (int i = 3; i <= 8; i++) {
            keys.rotate(Shop.secret(i));
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.rotate(Shop.secret(9)))
                .withMessage("keys: 9 (expected: at most 8)");
    }

    @Test
    void instancesWithTheSameKeysKnowEachOthersTokensDuringARotation() {
        TokenKeys before = TokenKeys.of(Shop.KEY, Shop.OTHER_KEY);
        TokenKeys after = TokenKeys.of(Shop.OTHER_KEY, Shop.KEY);
        try (Shop old = Shop.signing(before);
                Shop young = Shop.signing(after)) {
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
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
            Shop.Visit visit = shop.visit(Ask.ANEW);
            shop.pool.remove(visit.server());
            Shop.Visit next = shop.visit(Ask.cookie("lb", visit.token()));

            assertThat(next.server()).isNotEqualTo(visit.server());
            assertThat(next.tokens()).hasSize(1);
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
        try (Shop shop = Shop.signing(TokenKeys.of(Shop.KEY))) {
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
        try (Shop shop = new Shop(claim, Shop.SERVERS)) {
            SessionCarrier user = new SessionCarrier(null);
            String server = shop.visit(Ask.carrying(user)).server();
            Ask withClaim = Ask.header("claim", String.valueOf(user.issued()));

            assertThat(shop.visit(withClaim).server()).isEqualTo(server);
            shop.eject(server);
            assertThatExceptionOfType(NoServerAvailableException.class).isThrownBy(() -> shop.visit(withClaim));
        }
    }
}
