package io.lbclient;

import static io.lbclient.PoolFixture.servers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.mockingDetails;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

class PanicLogTest {
    private final PoolFixture fixture = new PoolFixture();
    private final JudgedPool judge = new JudgedPool();
    private final Logger logger = mock(Logger.class);
    private final PanicLog log = new PanicLog(logger, fixture.ticker);

    private PoolSnapshot ill() {
        ServerPool pool =
                fixture.builder().healthMonitors(judge).servers(servers(3)).build();
        judge.raise("s0", HealthCause.ACTIVE_CHECK);
        judge.raise("s2", HealthCause.OUTLIER);
        fixture.settle();
        return pool.snapshot();
    }

    private List<String> warnings() {
        return mockingDetails(logger).getInvocations().stream()
                .filter(call -> call.getMethod().getName().equals("warn"))
                .map(call -> {
                    Object[] given = call.getRawArguments();
                    Object[] values = given.length == 2 && given[1] instanceof Object[] array
                            ? array
                            : Arrays.copyOfRange(given, 1, given.length);
                    return MessageFormatter.arrayFormat((String) given[0], values)
                            .getMessage();
                })
                .toList();
    }

    @Test
    @DisplayName("I5: panic is a warning that says who is out and why, at most once a minute")
    void incident5OneWarningAMinute() {
        PoolSnapshot snapshot = ill();
        for (int second = 0; second < 150; second++) {
            log.log(snapshot, Set.of(0));
            log.log(snapshot, Set.of());
            fixture.advance(Duration.ofSeconds(1));
        }
        String said = "orders: panic, 2 of 3 servers out: s0 UNHEALTHY (judged bad), s2 EJECTED (judged bad)";
        String since = "; and 59 times since the last warning";
        assertThat(warnings()).containsExactly(said, said + since, said + since);
    }
}
