package io.lbclient.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.lbclient.RequestView;
import io.lbclient.ServerPool;
import io.lbclient.routing.Condition;
import io.lbclient.routing.Router;
import io.lbclient.routing.Rule;
import io.lbclient.routing.RuleSet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** S8: whatever a stranger sends, the request takes the default route, and nobody is asked for a key. */
@Timeout(120)
class HostileTokensTest {
    private static final String ADMIN = Minted.claims("\"role\":\"admin\"");
    private static final String GOOD = signed(ADMIN);
    private static final KeyPair STRANGER = Minted.pair("EC", 0, "secp256r1");

    private final ServerPool main = ServerPool.builder("main").build();
    private final ServerPool admin = ServerPool.builder("admin").build();
    private final VerifiedClaims reader = VerifiedClaims.builder()
            .clock(InstantSource.fixed(Minted.NOW))
            .key(SignatureAlgorithm.RS256, Minted.RSA.getPublic())
            .key(SignatureAlgorithm.ES256, "ec", Minted.EC.getPublic())
            .key(SignatureAlgorithm.HS256, "hmac", Minted.SECRET)
            .build();
    private final Router router = Router.of(
            "shop",
            RuleSet.builder()
                    .claims(reader)
                    .rule(Rule.named("admin")
                            .when(Condition.claim("role").is("admin"))
                            .to(admin)
                            .build())
                    .otherwise(main)
                    .build());

    @AfterEach
    void close() {
        main.close();
        admin.close();
    }

    private ServerPool routed(String token) {
        return router.route(Minted.bearing(token)).destination().pool();
    }

    static Stream<Arguments> tokens() throws Exception {
        Map<String, String> tokens = new LinkedHashMap<>();
        addAlgorithms(tokens);
        addKeys(tokens);
        addClaims(tokens);
        addShapes(tokens);
        return tokens.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    private static void addAlgorithms(Map<String, String> tokens) {
        for (String none : List.of("none", "None", "NONE", "nOnE", "")) {
            tokens.put(
                    "algorithm \"" + none + "\" without a signature",
                    Minted.raw("{\"alg\":\"" + none + "\"}", ADMIN, ""));
        }
        tokens.put("algorithm none with a signature", swap("{\"alg\":\"none\"}"));
        tokens.put("no algorithm", swap("{}"));
        tokens.put("an algorithm that is a number", swap("{\"alg\":256}"));
        tokens.put("an algorithm that is a list", swap("{\"alg\":[\"ES256\"]}"));
        SecretKeySpec rsaAsSecret = new SecretKeySpec(Minted.RSA.getPublic().getEncoded(), "HmacSHA256");
        tokens.put("HS256 with the RSA public key as its secret", Minted.token("HS256", rsaAsSecret, ADMIN));
        SecretKeySpec ecAsSecret = new SecretKeySpec(Minted.EC.getPublic().getEncoded(), "HmacSHA256");
        tokens.put("HS256 with the EC public key as its secret", Minted.token("HS256", ecAsSecret, ADMIN));
        tokens.put("PS256 with a key that is for RS256", Minted.token("PS256", Minted.RSA.getPrivate(), ADMIN));
    }

    private static void addKeys(Map<String, String> tokens) throws Exception {
        tokens.put("a stranger's key", Minted.token("ES256", STRANGER.getPrivate(), ADMIN));
        tokens.put("no signature", GOOD.substring(0, GOOD.lastIndexOf('.') + 1));
        tokens.put("a signature of zeros", GOOD.substring(0, GOOD.lastIndexOf('.') + 1) + "A".repeat(86));
        for (String id : List.of(
                "../../../../dev/null",
                "' UNION SELECT 'key",
                "/dev/null",
                "http://127.0.0.1/",
                "ec\u0000",
                "x".repeat(5000))) {
            tokens.put("kid " + id.substring(0, Math.min(20, id.length())), with("kid", id, STRANGER));
            tokens.put("kid with a good key " + id.substring(0, Math.min(20, id.length())), with("kid", id, Minted.EC));
        }
        tokens.put("kid of another key", with("kid", "hmac", Minted.EC));
        tokens.put("kid that is a number", swap("{\"alg\":\"ES256\",\"kid\":7}"));
        tokens.put("its own key in its header", ownKey());
    }

    private static void addClaims(Map<String, String> tokens) {
        tokens.put("a critical extension", critical("exp"));
        tokens.put("a payload that is not encoded", critical("b64"));
        tokens.put("expired", signed("{\"role\":\"admin\",\"exp\":" + (Minted.NOW.getEpochSecond() - 3600) + "}"));
        tokens.put(
                "not yet begun",
                signed(Minted.claims("\"role\":\"admin\"", "\"nbf\":" + (Minted.NOW.getEpochSecond() + 3600))));
        tokens.put("without an expiry", signed("{\"role\":\"admin\"}"));
        tokens.put("a claim twice", signed(Minted.claims("\"role\":\"user\"", "\"role\":\"admin\"")));
        tokens.put("a header twice", swap("{\"alg\":\"none\",\"alg\":\"ES256\"}"));
        tokens.put("a payload that is no object", signed("[\"role\",\"admin\"]"));
        tokens.put("a payload that is no JSON", signed("role=admin"));
        tokens.put("an empty payload", signed(""));
    }

    private static void addShapes(Map<String, String> tokens) {
        tokens.put(
                "deep nesting", signed(Minted.claims("\"role\":" + "[".repeat(2500) + "\"admin\"" + "]".repeat(2500))));
        tokens.put("deep nesting, never closed", Minted.raw("{\"alg\":\"ES256\"}", "[".repeat(5900), "x"));
        tokens.put("too long", signed(Minted.claims("\"role\":\"admin\"", "\"pad\":\"" + "x".repeat(7000) + "\"")));
        tokens.put(
                "a megabyte", signed(Minted.claims("\"role\":\"admin\"", "\"pad\":\"" + "x".repeat(1 << 20) + "\"")));
        tokens.put(
                "an encrypted token with a password and a billion rounds",
                Minted.base64(
                                "{\"alg\":\"PBES2-HS512+A256KW\",\"enc\":\"A256GCM\",\"p2c\":1000000000,\"p2s\":\"AAAAAAAAAAA\"}")
                        + ".AA.AA.AA.AA");
        tokens.put("padding", GOOD + "=");
        tokens.put("the other base64", GOOD.replace('_', '/').replace('-', '+') + "/");
        tokens.put("a space", GOOD.replaceFirst("\\.", ". "));
        tokens.put("one part", "x");
        tokens.put("two parts", "x.y");
        tokens.put("four parts", GOOD + ".x");
        tokens.put("empty parts", "..");
        tokens.put("nothing", "");
        tokens.put("other characters", "\u00e9.\uD83D\uDE00.\u0000");
    }

    private static String signed(String claims) {
        return Minted.token("ES256", Minted.EC.getPrivate(), claims);
    }

    private static String swap(String header) {
        return Minted.base64(header) + GOOD.substring(GOOD.indexOf('.'));
    }

    private static String with(String header, String value, KeyPair pair) {
        JsonWebSignature signature = Minted.signature("ES256", pair.getPrivate(), ADMIN);
        signature.setHeader(header, value);
        return Minted.compact(signature);
    }

    private static String ownKey() throws Exception {
        JsonWebSignature signature = Minted.signature("ES256", STRANGER.getPrivate(), ADMIN);
        signature.setJwkHeader((PublicJsonWebKey) JsonWebKey.Factory.newJwk(STRANGER.getPublic()));
        return Minted.compact(signature);
    }

    private static String critical(String extension) {
        JsonWebSignature signature = Minted.signature("ES256", Minted.EC.getPrivate(), ADMIN);
        signature.setHeader("crit", (Object) List.of(extension));
        if (extension.equals("b64")) {
            signature.setHeader("b64", (Object) Boolean.TRUE);
        }
        return Minted.compact(signature);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tokens")
    void aBadTokenTakesTheDefaultRoute(String kind, String token) {
        assertThat(routed(token)).as(kind).isSameAs(main);
    }

    @Test
    void aGoodTokenDoesNot() {
        assertThat(routed(GOOD)).isSameAs(admin);
        assertThat(routed(with("kid", "ec", Minted.EC))).isSameAs(admin);
        assertThat(routed(Minted.token("RS256", Minted.RSA.getPrivate(), ADMIN)))
                .isSameAs(admin);
        assertThat(routed(Minted.token("HS256", Minted.SECRET, ADMIN))).isSameAs(admin);
        RequestView lowerCase = Minted.header("authorization", "bearer " + GOOD);
        assertThat(router.route(lowerCase).destination().pool()).isSameAs(admin);
        RequestView basic = Minted.header("authorization", "Basic " + GOOD);
        assertThat(router.route(basic).destination().pool()).isSameAs(main);
    }

    @Test
    void noKeyIsFetchedFromWhereATokenSays() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        listener.createContext("/", exchange -> {
            asked.incrementAndGet();
            byte[] keys = strangersKeys();
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        listener.start();
        try {
            String url = "http://127.0.0.1:" + listener.getAddress().getPort() + "/keys";
            for (String header : List.of("jku", "x5u", "kid", "iss")) {
                assertThat(routed(with(header, url, STRANGER))).isSameAs(main);
                routed(with(header, url, Minted.EC));
            }
            assertThat(asked).hasValue(0);
        } finally {
            listener.stop(0);
        }
    }

    private static byte[] strangersKeys() {
        try {
            return ("{\"keys\":["
                            + JsonWebKey.Factory.newJwk(STRANGER.getPublic()).toJson() + "]}")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JoseException e) {
            throw new AssertionError(e);
        }
    }

    /** Each changed token is refused, unless the change is one of the bits that base64 does not use. */
    @Test
    void twoThousandChangedTokensAreRefused() {
        Random random = new Random(17);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
        byte[][] parts = decoded(GOOD);
        int changed = 0;
        while (changed < 2_000) {
            StringBuilder token = new StringBuilder(GOOD);
            int at = random.nextInt(token.length());
            token.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
            if (Arrays.deepEquals(parts, decoded(token.toString()))) {
                continue;
            }
            changed++;
            assertThat(routed(token.toString())).isSameAs(main);
        }
    }

    private static byte[][] decoded(String token) {
        List<byte[]> parts = new ArrayList<>();
        for (String part : token.split("\\.", -1)) {
            try {
                parts.add(Base64.getUrlDecoder().decode(part));
            } catch (IllegalArgumentException e) {
                parts.add(new byte[0]);
            }
        }
        return parts.toArray(new byte[0][]);
    }

    @Test
    void aHintReadsNothingFromWhatIsNoTokenAndNeverThrows() throws Exception {
        UnverifiedClaimHint hint = UnverifiedClaimHint.readUnverified("role");
        Router hinted = Router.of(
                "shop",
                RuleSet.builder()
                        .rule(Rule.named("api")
                                .chooseByHint(hint, Map.of("admin", admin), main)
                                .build())
                        .otherwiseFail()
                        .build());
        for (Arguments token : tokens().toList()) {
            // It may be believed, since nobody checks it: but only to choose among the two.
            assertThat(hinted.route(Minted.bearing(String.valueOf(token.get()[1])))
                            .destination()
                            .pool())
                    .isIn(main, admin);
        }
        assertThat(hint.read(Minted.bearing(GOOD))).isEqualTo("admin");
        assertThat(hint.read(Minted.bearing(Minted.raw("{}", "{\"role\":[\"a\",\"b\"]}", ""))))
                .isEqualTo("a");
        assertThat(hint.read(Minted.bearing(Minted.raw("{}", "{\"role\":{}}", ""))))
                .isNull();
        String long1 = Minted.raw("{}", "{\"role\":\"admin\",\"pad\":\"" + "x".repeat(7000) + "\"}", "");
        assertThat(hint.read(Minted.bearing(long1))).isNull();
        String payload = "{\"role\":\"admin\"}";
        assertThat(hint.read(Minted.bearing(Minted.raw("{}", payload, "a.b"))))
                .as("four parts")
                .isNull();
        String unsigned = Minted.raw("{}", payload, "");
        String longest = unsigned + "s".repeat(Tokens.MOST - unsigned.length());
        assertThat(hint.read(Minted.bearing(longest))).isEqualTo("admin");
        assertThat(hint.read(Minted.bearing(longest + "s"))).isNull();
        assertThat(hint).hasToString("unverified claim role");
    }
}
