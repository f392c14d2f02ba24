package io.lbclient.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.RequestView;
import io.lbclient.routing.Claims;
import java.math.BigInteger;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class VerifiedClaimsTest {
    private static VerifiedClaims.Builder reader() {
        return VerifiedClaims.builder().clock(InstantSource.fixed(Minted.NOW));
    }

    private static VerifiedClaims ec() {
        return reader().key(SignatureAlgorithm.ES256, Minted.EC.getPublic()).build();
    }

    private static boolean accepts(VerifiedClaims reader, String token) {
        return !reader.read(Minted.bearing(token)).values("sub").isEmpty();
    }

    private static String signed(String... more) {
        return Minted.token("ES256", Minted.EC.getPrivate(), Minted.claims(more));
    }

    static Stream<Arguments> algorithms() {
        return Stream.of(
                Arguments.of(SignatureAlgorithm.HS256, Minted.SECRET, Minted.SECRET),
                Arguments.of(SignatureAlgorithm.RS256, Minted.RSA.getPrivate(), Minted.RSA.getPublic()),
                Arguments.of(SignatureAlgorithm.RS512, Minted.RSA.getPrivate(), Minted.RSA.getPublic()),
                Arguments.of(SignatureAlgorithm.PS256, Minted.RSA.getPrivate(), Minted.RSA.getPublic()),
                Arguments.of(SignatureAlgorithm.ES256, Minted.EC.getPrivate(), Minted.EC.getPublic()),
                Arguments.of(SignatureAlgorithm.EDDSA, Minted.ED.getPrivate(), Minted.ED.getPublic()));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void aTokenOfAKeysOwnAlgorithmIsRead(SignatureAlgorithm algorithm, Key signing, Key verifying) {
        VerifiedClaims reader = reader().key(algorithm, verifying).build();
        String id = algorithm == SignatureAlgorithm.EDDSA ? "EdDSA" : algorithm.name();

        Claims claims = reader.read(Minted.bearing(
                Minted.token(id, signing, Minted.claims("\"role\":[\"admin\",7,true,{},null]", "\"n\":1"))));

        assertThat(claims.values("sub")).containsExactly("7");
        assertThat(claims.values("role")).containsExactly("admin", "7", "true");
        assertThat(claims.values("n")).containsExactly("1");
        assertThat(claims.values("other")).isEmpty();
        for (SignatureAlgorithm other : SignatureAlgorithm.values()) {
            if (other != algorithm && other.name().charAt(0) == algorithm.name().charAt(0)) {
                assertThat(accepts(reader, swapped(Minted.token(id, signing, Minted.claims()), other.name())))
                        .isFalse();
            }
        }
    }

    private static String swapped(String token, String algorithm) {
        return Minted.base64("{\"alg\":\"" + algorithm + "\"}") + token.substring(token.indexOf('.'));
    }

    @Test
    void aTokenCountsFromItsBeginningToItsExpiry() {
        long now = Minted.NOW.getEpochSecond();
        VerifiedClaims exact = reader().key(SignatureAlgorithm.ES256, Minted.EC.getPublic())
                .clockSkew(Duration.ZERO)
                .build();
        assertThat(accepts(exact, times("\"exp\":" + (now + 1)))).isTrue();
        assertThat(accepts(exact, times("\"exp\":" + now))).isFalse();
        assertThat(accepts(exact, times("\"exp\":" + (now + 9), "\"nbf\":" + now)))
                .isTrue();
        assertThat(accepts(exact, times("\"exp\":" + (now + 9), "\"nbf\":" + (now + 1))))
                .isFalse();
        assertThat(accepts(ec(), times("\"exp\":" + (now - 29)))).isTrue();
        assertThat(accepts(ec(), times("\"exp\":" + (now - 30)))).isFalse();
        assertThat(accepts(ec(), times("\"exp\":" + (now + 9), "\"nbf\":" + (now + 30))))
                .isTrue();
        assertThat(accepts(ec(), times("\"exp\":" + (now + 9), "\"nbf\":" + (now + 31))))
                .isFalse();
        assertThat(accepts(ec(), times("\"exp\":1e400")))
                .as("further off than a clock can count")
                .isTrue();
        assertThat(accepts(ec(), times("\"x\":1"))).as("without an expiry").isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"tomorrow\"", "null", "true", "[]", "{}", "-1", "\"1\"", "NaN", "99999999999999999999999"})
    void anExpiryThatIsNoDateMakesNoToken(String expiry) {
        assertThat(accepts(ec(), times("\"exp\":" + expiry))).isFalse();
    }

    private static String times(String... members) {
        return Minted.token("ES256", Minted.EC.getPrivate(), "{\"sub\":\"7\"," + String.join(",", members) + "}");
    }

    @Test
    void issuerAudienceAndTypeAreAsTheyWereSet() {
        VerifiedClaims strict = reader().key(SignatureAlgorithm.ES256, Minted.EC.getPublic())
                .issuer("https://id.example")
                .audience("shop", "shop-2")
                .build();
        assertThat(accepts(strict, signed("\"iss\":\"https://id.example\"", "\"aud\":\"shop\"")))
                .isTrue();
        assertThat(accepts(strict, signed("\"iss\":\"https://id.example\"", "\"aud\":[\"x\",\"shop-2\"]")))
                .isTrue();
        assertThat(accepts(strict, signed("\"iss\":\"https://id.example\"", "\"aud\":\"x\"")))
                .isFalse();
        assertThat(accepts(strict, signed("\"iss\":\"https://id.example\""))).isFalse();
        assertThat(accepts(strict, signed("\"iss\":\"https://evil.example\"", "\"aud\":\"shop\"")))
                .isFalse();
        assertThat(accepts(strict, signed("\"iss\":7", "\"aud\":\"shop\""))).isFalse();
        assertThat(accepts(strict, signed("\"aud\":\"shop\""))).isFalse();
        assertThat(accepts(ec(), signed("\"aud\":\"somebody\"")))
                .as("an audience that is not ours")
                .isFalse();

        VerifiedClaims typed = reader().key(SignatureAlgorithm.ES256, Minted.EC.getPublic())
                .type("at+jwt")
                .build();
        assertThat(accepts(typed, signed())).isFalse();
        for (String type : List.of("at+jwt", "AT+JWT", "application/at+jwt")) {
            var signature = Minted.signature("ES256", Minted.EC.getPrivate(), Minted.claims());
            signature.setHeader("typ", type);
            assertThat(accepts(typed, Minted.compact(signature))).isTrue();
        }
    }

    @Test
    void keysAreChosenByIdAndRotated() {
        KeyPair next = Minted.pair("EC", 0, "secp256r1");
        VerifiedClaims reader = reader().key(SignatureAlgorithm.ES256, "2025", Minted.EC.getPublic())
                .key(SignatureAlgorithm.ES256, "2026", next.getPublic())
                .build();
        assertThat(accepts(reader, named("2025", Minted.EC))).isTrue();
        assertThat(accepts(reader, named("2026", next))).isTrue();
        assertThat(accepts(reader, named("2026", Minted.EC))).isFalse();
        assertThat(accepts(reader, named("2027", next))).isFalse();
        assertThat(accepts(reader, named(null, next))).isTrue();
        assertThat(accepts(ec(), named("2027", Minted.EC))).isTrue();
        assertThat(reader).hasToString("verified claims by [ES256 2025, ES256 2026]");
    }

    private static String named(String id, KeyPair pair) {
        var signature = Minted.signature("ES256", pair.getPrivate(), Minted.claims());
        if (id != null) {
            signature.setKeyIdHeaderValue(id);
        }
        return Minted.compact(signature);
    }

    @Test
    void theTokenMayComeFromElsewhere() {
        VerifiedClaims reader = reader().key(SignatureAlgorithm.ES256, Minted.EC.getPublic())
                .source(request -> request.header("x-token"))
                .build();
        assertThat(reader.read(Minted.header("x-token", signed())).values("sub"))
                .containsExactly("7");
        assertThat(reader.read(Minted.bearing(signed())).values("sub")).isEmpty();
        assertThat(reader.read(RequestView.EMPTY).values("sub")).isEmpty();
    }

    @Test
    void anRsaKeyMayHaveUpToEightThousandBitsOrSo() throws Exception {
        assertThat(SignatureAlgorithm.RS256.fitting(rsa(8192))).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> SignatureAlgorithm.RS256.fitting(rsa(8193)));
    }

    private static Key rsa(int bits) throws Exception {
        BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
        return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, RSAKeyGenParameterSpec.F4));
    }

    /** As a key is that never leaves its hardware. */
    @Test
    void aSecretThatDoesNotShowItsBytesIsTakenForLongEnough() {
        SecretKey hidden = new SecretKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getAlgorithm() {
                return "HmacSHA256";
            }

            @Override
            public String getFormat() {
                return null;
            }

            @Override
            public byte[] getEncoded() {
                return null;
            }
        };
        assertThat(SignatureAlgorithm.HS256.fitting(hidden)).isSameAs(hidden);
    }

    @Test
    void weakAndUnfittingKeysAreRefusedWithoutBeingShown() {
        VerifiedClaims.Builder builder = reader();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.key(SignatureAlgorithm.HS256, Minted.secret("too-short-a-secret")))
                .withMessage("key: HmacSHA256 (expected: one for HS256: a secret of at least 256 bits)")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("too-short"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.key(
                        SignatureAlgorithm.RS256, Minted.pair("RSA", 1024, null).getPublic()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.key(SignatureAlgorithm.HS256, Minted.RSA.getPublic()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.key(SignatureAlgorithm.ES384, Minted.EC.getPublic()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.key(SignatureAlgorithm.ES256, Minted.EC.getPrivate()));
        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessage("keys: 0 (expected: 1 to 16)");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.clockSkew(Duration.ofHours(1)));
        assertThatIllegalArgumentException().isThrownBy(builder::audience);
    }
}
