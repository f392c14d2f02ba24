package io.lbclient.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Balancer;
import io.lbclient.Candidate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server says of its load in a header reaches the strategies. */
@Timeout(120)
class LoadReportTest {
    private final List<Candidate> candidates = new CopyOnWriteArrayList<>();
    private final Balancer watching = (given, previous) -> {
        candidates.addAll(given);
        return context -> given.get(0);
    };

    private Cluster answering(Transport transport, String header) {
        Cluster cluster = Cluster.of(transport, watching, 1);
        cluster.backend(0)
                .answers(new MockResponse.Builder()
                        .addHeader("endpoint-load-metrics", header)
                        .body("ok"));
        return cluster;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "H1; TEXT cpu_utilization=0.3, rps_fractional=100",
                "H1; JSON {\"cpu_utilization\": 0.3, \"rps_fractional\": 100}",
                "H2C; TEXT cpu_utilization=0.3, rps_fractional=100",
            })
    void aReportInTheHeaderIsTheServersLastReport(Transport transport, String header) throws Exception {
        try (Cluster cluster = answering(transport, header)) {
            cluster.get("/");

            assertThat(candidates.get(0).loadReport()).isNotNull().satisfies(report -> {
                assertThat(report.cpuUtilization()).isEqualTo(0.3);
                assertThat(report.rps()).isEqualTo(100.0);
            });
        }
    }

    @ParameterizedTest(name = "garbage: {0}")
    @CsvSource({"TEXT", "JSON {", "BIN AAAA", "what is this"})
    void garbageIsNoReportAndNoError(String header) throws Exception {
        try (Cluster cluster = answering(Transport.H1, header)) {
            assertThat(cluster.get("/")).isEqualTo("ok");
            assertThat(candidates.get(0).loadReport()).isNull();
        }
    }
}
