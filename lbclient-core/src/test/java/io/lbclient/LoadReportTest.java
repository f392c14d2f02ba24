package io.lbclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadReportTest {
    private static final LoadReport EXAMPLE =
            new LoadReport(0.8, 0.7, 0.9, 1000, 2, Map.of("named_metrics.foo", 123.0, "named_metrics.bar", 0.2));

    /** Source: the tests of Envoy's ORCA parser, and for the last two what vLLM and protobuf write. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "TEXT cpu_utilization:0.7,application_utilization:0.8,mem_utilization:0.9,rps_fractional:1000,eps:2,"
                        + "named_metrics.foo:123,named_metrics.bar:0.2",
                "TEXT  cpu_utilization:0.7,application_utilization:0.8,mem_utilization:0.9,rps_fractional:1000,eps:2,"
                        + "named_metrics.foo:123,named_metrics.bar:0.2",
                "JSON {\"cpu_utilization\": 0.7, \"application_utilization\": 0.8, \"mem_utilization\": 0.9, "
                        + "\"rps_fractional\": 1000, \"eps\": 2, \"named_metrics\": {\"foo\": 123,\"bar\": 0.2}}",
                "cpu_utilization:0.7,application_utilization:0.8,mem_utilization:0.9,rps_fractional:1000,eps:2,"
                        + "named_metrics.foo:123,named_metrics.bar:0.2",
                "{\"cpu_utilization\":0.7,\"application_utilization\":0.8,\"mem_utilization\":0.9,"
                        + "\"rps_fractional\":1e3,\"eps\":2,\"named_metrics\":{\"foo\":123,\"bar\":0.2}}",
                "TEXT cpu_utilization=0.7, application_utilization=0.8, mem_utilization=0.9, rps_fractional=1000, eps=2,"
                        + " named_metrics.foo=123, named_metrics.bar=0.2",
                "JSON {\"cpuUtilization\":0.7,\"applicationUtilization\":0.8,\"memUtilization\":0.9,\"rps\":\"1000\","
                        + "\"eps\":2.0,\"namedMetrics\":{\"foo\":123.0,\"bar\":0.2}}",
            })
    void bothFormsAreRead(String header) {
        assertThat(LoadReport.parse(header)).isEqualTo(EXAMPLE);
    }

    /** Source: the tests of Envoy's ORCA parser, and more of the kind. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "TEXT",
                "TEXT ",
                "JSON",
                "JSON ",
                "BAD random-value",
                "BIN CZmZmQ==",
                "TEXT cpu_utilization:\"0.7\"",
                "TEXT cpu_utilization:nan",
                "TEXT cpu_utilization:NaN",
                "TEXT cpu_utilization:inf",
                "TEXT cpu_utilization:Infinity",
                "TEXT cpu_utilization:1e999",
                "TEXT cpu_utilization:0x1p3",
                "TEXT cpu_utilization:1d",
                "TEXT cpu_utilization:",
                "TEXT cpu_utilization:1,",
                "TEXT :1",
                "TEXT cpu_utilization:0.7,cpu_utilization:0.8",
                "TEXT named_metrics.foo:123,named_metrics.duplicate:123,named_metrics.duplicate:0.2",
                "TEXT named_metrics.:123",
                "TEXT not-a-list-of-key-value-pairs",
                "JSON JSON not-a-valid-json-string",
                "JSON {\"cpu_utilization\": \"0.7\"",
                "JSON {\"cpu_utilization\": \"x\"}",
                "JSON {\"cpu_utilization\": true}",
                "JSON {\"cpu_utilization\": 0.7}}",
                "JSON {\"cpu_utilization\" 0.7}",
                "JSON {\"cpu_utilization\": 0.7,}",
                "JSON {cpu_utilization: 0.7}",
                "JSON {\"cpu\\u005futilization\": 0.7}",
                "JSON {\"cpu_utilization\": [1]}",
                "JSON [0.7]",
                "JSON {\"a\":{\"b\":{\"c\":{\"d\":{\"e\":1}}}}}",
                "JSON {",
                "JSON {\"",
                "JSON {\"a\":",
                "JSON {\"a\":{",
            })
    void whatIsMalformedIsNoReport(String header) {
        assertThat(LoadReport.parse(header)).isNull();
    }

    @Test
    void noHeaderIsNoReport() {
        assertThat(LoadReport.parse(null)).isNull();
    }

    @Test
    void namesThatAreNotKnownAreSkipped() {
        assertThat(LoadReport.parse("TEXT cpu_utilization:0.7,color:3"))
                .isEqualTo(new LoadReport(0, 0.7, 0, 0, 0, Map.of()));
        assertThat(LoadReport.parse("JSON {\"cpu_utilization\": 0.7, \"color\": \"red\", \"hot\": true, \"x\": null, "
                        + "\"request_cost\": {\"db\": 3}}"))
                .isEqualTo(new LoadReport(0, 0.7, 0, 0, 0, Map.of()));
        assertThat(LoadReport.parse("JSON {}")).isEqualTo(new LoadReport(0, 0, 0, 0, 0, Map.of()));
    }

    @Test
    void valuesThatCannotBeCountAsNotReported() {
        LoadReport report = new LoadReport(
                Double.NaN,
                -1,
                Double.POSITIVE_INFINITY,
                5,
                0,
                Map.of("named_metrics.a", Double.NaN, "utilization.b", 2.0));
        assertThat(report).isEqualTo(new LoadReport(0, 0, 0, 5, 0, Map.of("utilization.b", 2.0)));
        assertThat(LoadReport.parse("TEXT cpu_utilization:-0.5,rps_fractional:3"))
                .isEqualTo(new LoadReport(0, 0, 0, 3, 0, Map.of()));
    }

    @Test
    void valuesAreFoundByTheirNames() {
        assertThat(EXAMPLE.metric("application_utilization")).isEqualTo(0.8);
        assertThat(EXAMPLE.metric("cpu_utilization")).isEqualTo(0.7);
        assertThat(EXAMPLE.metric("mem_utilization")).isEqualTo(0.9);
        assertThat(EXAMPLE.metric("rps_fractional")).isEqualTo(1000);
        assertThat(EXAMPLE.metric("eps")).isEqualTo(2);
        assertThat(EXAMPLE.metric("named_metrics.foo")).isEqualTo(123);
        assertThat(EXAMPLE.metric("named_metrics.none")).isZero();
    }

    @Test
    void whatIsReadAndKeptIsBounded() {
        StringBuilder long1 = new StringBuilder("TEXT cpu_utilization:0.7");
        for (int i = 0; i < 300; i++) {
            long1.append(",named_metrics.n").append(i).append(":1");
        }
        LoadReport report = LoadReport.parse(long1.toString());
        assertThat(report).isNotNull();
        assertThat(report.metrics()).hasSize(64).containsKeys("named_metrics.n0", "named_metrics.n63");
        assertThat(LoadReport.parse("TEXT cpu_utilization:0." + "7".repeat(9000)))
                .isNull();
        Map<String, Double> mine = new LinkedHashMap<>(Map.of("utilization.a", 1.0));
        LoadReport copied = new LoadReport(0, 0, 0, 0, 0, mine);
        mine.clear();
        assertThat(copied.metrics()).hasSize(1);
    }

    /** Every way to spoil a good header by a character, and random ones. */
    @Test
    void garbageNeverThrows() {
        SplittableRandom random = new SplittableRandom(1);
        String[] good = {
            "TEXT cpu_utilization:0.7,eps:2,named_metrics.foo:123",
            "JSON {\"cpu_utilization\": 0.7, \"named_metrics\": {\"foo\": 123}, \"x\": null}",
        };
        String alphabet = "{}[]\":,.=-+eE0123456789 \t\n\\abu\u0000\uffff\ud800";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder(good[i % 2]);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                int at = random.nextInt(text.length());
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                switch (random.nextInt(4)) {
                    case 0 -> text.setCharAt(at, c);
                    case 1 -> text.insert(at, c);
                    case 2 -> text.setLength(Math.max(1, at));
                    default -> text.deleteCharAt(at).append(c);
                }
            }
            assertThatCode(() -> LoadReport.parse(text.toString()))
                    .as(text.toString())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void theLastReportOfAServerIsSeenByTheStrategy() {
        long[] now = {5};
        Candidate[] candidate = new Candidate[1];
        Balancer first = (candidates, previous) -> {
            candidate[0] = candidates.get(0);
            return context -> candidate[0];
        };
        try (ServerPool pool = ServerPool.builder("reporting")
                .balancer(first)
                .ticker(() -> now[0])
                .servers(Server.of("10.0.0.1", 80))
                .build()) {
            assertThat(candidate[0].loadReport()).isNull();
            Attempt attempt = pool.pick();
            now[0] = 9;
            attempt.report(EXAMPLE);
            assertThat(candidate[0].loadReport()).isSameAs(EXAMPLE);
            assertThat(candidate[0].loadReportNanos()).isEqualTo(9);
            attempt.complete(Outcome.SUCCESS);
            LoadReport later = new LoadReport(0.1, 0, 0, 1, 0, Map.of());
            attempt.report(later);
            assertThat(candidate[0].loadReport()).isSameAs(later);
        }
    }
}
