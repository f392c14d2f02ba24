package io.lbclient.examples.extend;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.ServerPool;
import io.lbclient.discovery.GuardRails;
import io.lbclient.discovery.GuardedDiscovery;
import io.lbclient.examples.Waiting;
import io.lbclient.test.FakeAnswer;
import io.lbclient.test.FakeServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class PolledListTest {
    private final FakeServer registry = FakeServer.start();
    private final GuardedDiscovery source =
            GuardRails.standard().around(new PolledList(registry.uri("/"), Duration.ofMillis(200)));

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void thePoolHasTheServersOfThePage() {
        registry.answers(FakeAnswer.status(200).body("10.0.0.1:8080\nno server\n10.0.0.2:8080\n"));

        try (ServerPool pool = pool()) {
            Waiting.until("the page was read", () -> !hosts(pool).isEmpty());
            assertThat(hosts(pool)).containsExactly("10.0.0.1", "10.0.0.2");
            assertThat(source.status().get(0).refused())
                    .as("the line that is none")
                    .isPositive();
        }
    }

    @Test
    void aNewListIsUsedAndKeptWhenThePageFails() {
        registry.answers(FakeAnswer.status(200).body("10.0.0.1:8080\n"));

        try (ServerPool pool = pool()) {
            registry.answers(FakeAnswer.status(200).body("10.0.0.1:8080\n10.0.0.2:8080\n"));
            Waiting.until("the second server is there", () -> hosts(pool).size() == 2);

            registry.answers(FakeAnswer.status(500).body("10.0.0.3:8080\n"));
            int before = registry.requests();
            Waiting.until("the page has failed", () -> failing() && registry.requests() > before + 2);
            assertThat(hosts(pool)).containsExactly("10.0.0.1", "10.0.0.2");
            registry.answers(FakeAnswer.status(200).body("10.0.0.1:8080\n10.0.0.2:8080\n"));
            Waiting.until("the page is there again", () -> !failing());
            registry.refuses();
            long failures = source.status().get(0).failures();
            Waiting.until(
                    "the page cannot be reached", () -> source.status().get(0).failures() > failures + 1);
            assertThat(hosts(pool)).containsExactly("10.0.0.1", "10.0.0.2");
        }
    }

    private ServerPool pool() {
        return ServerPool.builder("orders").discovery(source).build();
    }

    private boolean failing() {
        return source.status().get(0).failing();
    }

    private static List<String> hosts(ServerPool pool) {
        return pool.snapshot().servers().stream()
                .map(server -> server.server().host())
                .toList();
    }
}
