package io.lbclient.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lbclient.Server;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerLinesTest {
    @Test
    void oneServerALineWithSettingsTagsAndComments() {
        List<Server> servers = ServerLines.parse("""
                        # the first rack
                        10.0.0.1:8080 weight=2.5 zone=a tier=1 version=7\t# was 6

                        [2001:db8::1]:8081 id=two colour=red#ish a=b=c
                        orders.example:80\r
                        """).servers();

        assertThat(servers)
                .containsExactly(
                        Server.of("10.0.0.1", 8080)
                                .withWeight(2.5)
                                .withZone("a")
                                .withTier(1)
                                .withTag("version", "7"),
                        Server.of("2001:db8::1", 8081)
                                .withId("two")
                                .withTag("colour", "red#ish")
                                .withTag("a", "b=c"),
                        Server.of("orders.example", 80));
    }

    @Test
    void onlyTheWordNoneMeansThatThereAreNoServers() {
        assertThat(ServerLines.parse("# gone for good\nnone\n")).isEqualTo(new ServerLines.Parsed(List.of(), true));
        assertThat(ServerLines.parse("# nothing\n")).isEqualTo(new ServerLines.Parsed(List.of(), false));
        assertThatIllegalArgumentException().isThrownBy(() -> ServerLines.parse("none\na:1\n"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerLines.parse(""))
                .withMessageContaining("the file is empty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a:1~b|line 2: the last line does not end",
                "a:1~b~|line 2: server: b (expected: host:port",
                "a:1~~a:1~|line 3: id: a:1 (expected: one line for each server; line 1 has it)",
                "a:0~|line 1: port: 0 (expected: 1 to 65535)",
                "a:65536~|line 1: port: 65536",
                "a:-1~|line 1: server: a:-1",
                "a:123456~|line 1: server: a:123456",
                "2001:db8::1:80~|line 1: server: 2001:db8::1:80",
                "[1.2.3]:80~|line 1: host:",
                "a:1 weight=x~|line 1: weight: x (expected: a number)",
                "a:1 weight=-1~|line 1: weight: -1.0",
                "a:1 weight=NaN~|line 1: weight: NaN",
                "a:1 tier=1.5~|line 1: tier: 1.5 (expected: a number)",
                "a:1 tier=-1~|line 1: tier: -1",
                "a:1 weight~|line 1: setting: weight (expected: key=value)",
                "a:1 weight=~|line 1: setting: weight= (expected: key=value)",
                "a:1 =b~|line 1: setting: =b",
                "a:1 k=1 k=2~|line 1: setting: k=2 (expected: each key once)",
                "http://a:1~|line 1: server: http://a:1",
                "a b:1~|line 1: server: a",
                "127.1:80~|line 1: host:",
                "a:1 zone=x;y~|line 1: zone:"
            })
    void whatIsWrongIsNamedWithItsLine(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerLines.parse(text.replace('~', '\n')))
                .withMessageStartingWith(message);
    }

    @Test
    void whatIsRefusedBreaksNoLineOfALog() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerLines.parse("a\u001b[31m\u0007:x\n"))
                .withMessage(
                        "line 1: server: a\\u001b[31m\\u0007:x (expected: host:port, an IPv6 address in brackets)");
    }

    @Test
    void whatIsWrittenIsReadBack() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 300; round++) {
            List<Server> servers = new ArrayList<>();
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                servers.add(server(random, i));
            }
            assertThat(ServerLines.parse(ServerLines.format(servers)).servers()).isEqualTo(servers);
        }
    }

    private static Server server(SplittableRandom random, int number) {
        Map<String, String> tags = new LinkedHashMap<>();
        List<String> keys =
                List.of("weight", "id", "tier", "zone", "#", "a=b", "%77", "=", "none", "100%", text(random));
        for (int i = random.nextInt(4); i > 0; i--) {
            tags.put(keys.get(random.nextInt(keys.size())), text(random));
        }
        String host = random.nextBoolean() ? "10.0.0." + number : "2001:db8::" + number;
        return new Server(
                random.nextBoolean() ? "id-" + number : Server.of(host, 80).id(),
                host,
                80,
                random.nextBoolean() ? 1 : random.nextDouble() * 1e6,
                random.nextBoolean() ? "" : "z#" + number,
                random.nextInt(3),
                tags);
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            text.append((char) random.nextInt(0x21, 0x7f));
        }
        return text.toString();
    }
}
