package io.lbclient.discovery;

import static io.lbclient.discovery.Guarded.servers;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lbclient.ServerDiscovery;
import io.lbclient.ServerPool;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How old a pool's list is, and who is told. */
class ListAgeTest {
    private final StillClock clock = new StillClock();

    @Test
    void theLogSaysEveryFiveMinutesHowOldTheListOfASourceIsThatFailedOnce() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(GuardedDiscovery.class);
        logger.addAppender(log);
        log.start();
        try {
            Guarded guarded = new Guarded(GuardRails.standard(), "a", "b");
            guarded.source.sink().failed(new IllegalStateException("down"));
            for (int i = 0; i < 3; i++) {
                guarded.seconds(300);
            }
            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .filteredOn(line -> line.contains("the list of 2 servers is"))
                    .containsExactly(
                            "orders: the list of 2 servers is 300 s old: java.lang.IllegalStateException: down",
                            "orders: the list of 2 servers is 600 s old: java.lang.IllegalStateException: down",
                            "orders: the list of 2 servers is 900 s old: java.lang.IllegalStateException: down");
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void theAgeOfTheListIsInThePoolsSnapshot() {
        Guarded guarded = new Guarded(GuardRails.standard(), "a", "b", "c");
        guarded.seconds(7);
        assertThat(guarded.pool.snapshot().listAge()).isEqualTo(Duration.ofSeconds(7));
        guarded.source.sink().unchanged();
        assertThat(guarded.pool.snapshot().listAge()).isZero();

        guarded.seconds(5);
        guarded.push("d");
        assertThat(guarded.ids()).as("doubted, but what is new is used").contains("a", "d");
        assertThat(guarded.pool.snapshot().listAge())
                .as("what is in force was not said")
                .isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void withoutADiscoveryThereIsNoAgeAndAFixedListIsNeverOld() {
        assertThat(clock.builder().build().snapshot().listAge()).isNull();

        ServerPool fixed = clock.pool(Discoveries.fixed(servers("a")));
        clock.seconds(9);
        assertThat(fixed.snapshot().listAge()).isZero();
    }

    @Test
    void ofSeveralSourcesTheOneThatIsSilentTheLongestCounts() {
        Source one = new Source();
        Source two = new Source();
        one.atOnce = servers("a");
        two.atOnce = servers("b");
        ServerPool pool = clock.pool(Discoveries.merged(one, two, Discoveries.fixed(servers("c"))));
        clock.seconds(9);
        two.sink().unchanged();
        assertThat(pool.snapshot().listAge()).isEqualTo(Duration.ofSeconds(9));
        one.sink().update(servers("a"));
        assertThat(pool.snapshot().listAge()).isZero();
    }

    @Test
    void ofASourceWithoutGuardRailsThePoolCountsItself() {
        Source own = new Source();
        own.atOnce = servers("a");
        ServerPool pool = clock.pool(own);
        clock.seconds(9);
        own.sink().failed(new IllegalStateException("down"));
        assertThat(pool.snapshot().listAge()).isEqualTo(Duration.ofSeconds(9));
        own.sink().unchanged();
        assertThat(pool.snapshot().listAge()).isZero();
        clock.seconds(2);
        own.sink().update(servers("b"));
        assertThat(pool.snapshot().listAge()).isZero();
    }

    @Test
    void aSourceThatCannotTellItsAgeDoesNotBreakTheSnapshot() {
        ServerPool pool = clock.pool(sink -> {
            sink.update(servers("a"));
            return new ServerDiscovery.Subscription() {
                @Override
                public Duration age() {
                    throw new IllegalStateException("who knows");
                }

                @Override
                public void close() {}
            };
        });
        clock.seconds(3);
        assertThat(pool.snapshot().listAge()).isEqualTo(Duration.ofSeconds(3));
    }
}
