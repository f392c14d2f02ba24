package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTest {
    @Test
    void aServerOfHostAndPortHasThemForItsIdAndNothingElse() {
        assertThat(Server.of("orders.internal", 8080))
                .isEqualTo(new Server("orders.internal:8080", "orders.internal", 8080, 1.0, "", 0, Map.of()));
    }

    @ParameterizedTest
    @CsvSource({"::1,[::1]:80", "[::1],[::1]:80", "2001:db8::8a2e:370:7334,[2001:db8::8a2e:370:7334]:80"})
    void anIpv6AddressIsTakenWithAndWithoutBrackets(String given, String id) {
        Server server = Server.of(given, 80);

        assertThat(server.id()).isEqualTo(id);
        assertThat(server.host()).doesNotContain("[", "]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "orders",
                "orders.internal",
                "orders.internal.",
                "my_service-1.default.svc.cluster.local",
                "xn--bcher-kva.example",
                "3com.example",
                "10.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "fe80::1%eth0",
                "fe80::1%2",
                "::ffff:10.0.0.1",
                "1:2:3:4:5:6:7:8",
                "1::8",
                "1:2:3:4:5:6:7::",
                "::2:3:4:5:6:7:8",
                "64:ff9b::192.0.2.33",
                "1:2:3:4:5:6:1.2.3.4"
            })
    void aHostNameOrAnAddressIsAHost(String host) {
        assertThat(Server.of(host, 1).host()).isEqualTo(host);
    }

    static Stream<String> badHosts() {
        return Stream.of(
                "",
                " ",
                "a b",
                "a\tb",
                "a\u0000b",
                "a\r\nb",
                "user@host",
                "host#x",
                "host?x",
                "host/path",
                "back\\slash",
                "file:",
                "file:///etc/passwd",
                "gopher://x",
                "http://x",
                "unix:sock",
                "unix:/run/sock",
                "host:8080",
                "10.0.0.1:8080",
                "[::1]",
                "[::1",
                "::1]",
                "b\u00fccher.example",
                "\u0430pple.example",
                "a..b",
                ".a",
                "a,b",
                "a;b",
                "a\"b",
                "a<b",
                "a%00b",
                "%65xample",
                "$(x)",
                "`x`",
                "a|b",
                "a&b",
                "2130706433",
                "0x7f000001",
                "0x7f.1",
                "127.1",
                "010.0.0.1",
                "10.0.0.256",
                "1.2.3.4.5",
                "1.2.3.4.",
                "a.1",
                "a.0x",
                ":",
                ":::",
                "1:2",
                "1::2::3",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7::8:9",
                "12345::",
                "g::1",
                "::1.2.3",
                "::1.2.3.400",
                "1.2.3.4::",
                "fe80::1%",
                "fe80::1%a/b",
                "::1%a%b",
                "x".repeat(64),
                "x.".repeat(150),
                "x".repeat(300));
    }

    @ParameterizedTest
    @MethodSource("badHosts")
    void anythingElseIsNoHost(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Server("id", host, 80, 1, "", 0, Map.of()))
                .withMessageStartingWith("host: \"")
                .withMessageContaining("(expected: a host name or an IP address")
                .satisfies(e -> assertThat(e.getMessage().chars()).allMatch(c -> c >= 0x20 && c < 0x7f));
    }

    static Stream<String> badTokens() {
        Stream<String> controls = IntStream.concat(IntStream.rangeClosed(0, 0x20), IntStream.rangeClosed(0x7f, 0x17f))
                .mapToObj(c -> "a" + (char) c + "b");
        return Stream.concat(
                controls,
                Stream.of("", "x".repeat(257), "a\r\nSet-Cookie: x", "\u001b[31m", "\u202eabc", "\ud83d\ude00"));
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void idsZonesAndTagsAreVisibleAsciiOnly(String bad) {
        Server server = Server.of("h", 1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.withId(bad))
                .withMessageStartingWith("id: ");
        if (!bad.isEmpty()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> server.withZone(bad))
                    .withMessageStartingWith("zone: ");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.withTag(bad, "v"))
                .withMessageStartingWith("tag name: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.withTag("k", bad))
                .withMessageStartingWith("tag k: ")
                .satisfies(e -> assertThat(e.getMessage().chars()).allMatch(c -> c >= 0x20 && c < 0x7f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "a,b", "a;b", "a\\b"})
    void whatMeansSomethingInACookieIsInNoIdAndNoZoneButMayBeInATag(String text) {
        Server server = Server.of("h", 1);

        assertThatIllegalArgumentException().isThrownBy(() -> server.withId(text));
        assertThatIllegalArgumentException().isThrownBy(() -> server.withZone(text));
        assertThat(server.withTag("k", text).tags()).containsEntry("k", text);
    }

    @Test
    void every7BitCharacterThatACookieMayHoldMayBeInAnId() {
        String all = IntStream.rangeClosed(0x21, 0x7e)
                .filter(c -> "\",;\\".indexOf(c) < 0)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();

        assertThat(Server.of("h", 1).withId(all).id()).isEqualTo(all);
    }

    @Test
    void aLongRefusedTextIsNotRepeatedInFull() {
        assertThatThrownBy(() -> Server.of("h", 1).withId("x".repeat(100_000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aPortOutsideItsRangeIsRejected(int port) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Server.of("h", port))
                .withMessage("port: " + port + " (expected: 1 to 65535)");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, -Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void aWeightThatIsNoShareIsRejected(double weight) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Server.of("h", 1).withWeight(weight))
                .withMessage("weight: " + weight + " (expected: finite and >= 0)");
    }

    @Test
    void aNegativeTierIsRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Server.of("h", 1).withTier(-1))
                .withMessage("tier: -1 (expected: >= 0)");
    }

    @Test
    void copiesDifferInOneThingOnly() {
        Server server = Server.of("h", 1);

        assertThat(server.withId("i").withWeight(2).withZone("z").withTier(3).withTag("k", "v"))
                .isEqualTo(new Server("i", "h", 1, 2, "z", 3, Map.of("k", "v")));
        assertThat(server.withTag("k", "v").withTag("k", "w").tags()).isEqualTo(Map.of("k", "w"));
    }

    @Test
    void tagsAreCopied() {
        Map<String, String> tags = new HashMap<>(Map.of("k", "v"));
        Server server = new Server("i", "h", 1, 1, "", 0, tags);
        tags.put("k", "changed");

        assertThat(server.tags()).isEqualTo(Map.of("k", "v")).isUnmodifiable();
    }
}
