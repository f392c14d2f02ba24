package io.lbclient.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.lbclient.Server;
import io.lbclient.ServerDiscovery;
import io.lbclient.Ticker;
import io.lbclient.test.FakeTicker;
import io.lbclient.test.ManualScheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** When it looks again, by a clock of the test's own. */
class DnsWatchTest {
    private static final Name NAME = Name.fromConstantString("orders.test.");

    private final FakeTicker ticker = new FakeTicker();
    private final ManualScheduler scheduler = new ManualScheduler(ticker);
    private final List<CompletableFuture<Message>> questions = new ArrayList<>();
    private final List<List<Server>> told = new ArrayList<>();
    private boolean late;
    private final DnsWatch watch = watch();

    private DnsWatch watch() {
        Resolver resolver = mock(Resolver.class);
        when(resolver.sendAsync(any(Message.class))).thenAnswer(question -> {
            questions.add(new CompletableFuture<>());
            return questions.get(questions.size() - 1);
        });
        Asker asker = new Asker(List.of(resolver), 1);
        Lookup lookup = new Lookup(
                List.of(NAME), asker, new Addresses(asker, true, false), new Placing(80, 10, server -> server));
        return new DnsWatch(lookup, Duration.ofSeconds(1), Duration.ofMinutes(5), new Told());
    }

    private Duration untilNextLook() {
        return Duration.ofNanos(scheduler.nanosUntilNext());
    }

    /** The answer to the last question, which is not answered yet. */
    private CompletableFuture<Message> last() {
        return questions.get(questions.size() - 1);
    }

    private void fail() {
        last().completeExceptionally(new IOException("no answer"));
        scheduler.runDue();
    }

    private void answer(long ttlSeconds) throws IOException {
        Message message = new Message();
        message.addRecord(
                Record.fromString(NAME, Type.A, DClass.IN, ttlSeconds, "127.0.0.1", Name.root), Section.ANSWER);
        last().complete(message);
        scheduler.runDue();
    }

    @Test
    void afterEachFailureItWaitsTwiceAsLongUpToHalfAMinute() throws IOException {
        watch.look();
        for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            fail();
            assertThat(untilNextLook()).isEqualTo(Duration.ofSeconds(seconds));
            scheduler.advance(Duration.ofSeconds(seconds));
        }
        answer(300);
        scheduler.advance(Duration.ofSeconds(300));
        fail();
        assertThat(untilNextLook()).as("the first failure after an answer").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void upToATenthIsAddedAtRandom() throws IOException {
        late = true;
        watch.look();
        answer(100);
        assertThat(untilNextLook()).isEqualTo(Duration.ofSeconds(110));
    }

    @Test
    void aHintIsFollowedAtOnceButNotSoonerThanTheLeastInterval() throws IOException {
        watch.look();
        answer(300);
        scheduler.advance(Duration.ofMillis(200));
        watch.refresh();
        assertThat(untilNextLook()).isEqualTo(Duration.ofMillis(800));
        scheduler.advance(Duration.ofMillis(800));
        answer(300);
        scheduler.advance(Duration.ofSeconds(5));
        watch.refresh();
        assertThat(untilNextLook()).isEqualTo(Duration.ZERO);
    }

    @Test
    void thereIsOneLookAtATimeAndNoneAfterTheEnd() throws IOException {
        watch.look();
        watch.look();
        assertThat(questions).hasSize(1);
        watch.close();
        answer(300);
        assertThat(told).isEmpty();
        watch.look();
        assertThat(questions).hasSize(1);
    }

    /** A pool that only listens. */
    private final class Told implements ServerDiscovery.Sink {
        @Override
        public void update(List<Server> servers) {
            told.add(servers);
        }

        @Override
        public void failed(Throwable cause) {}

        @Override
        public void refused(String entry, String reason) {}

        @Override
        public String pool() {
            return "orders";
        }

        @Override
        public Ticker ticker() {
            return ticker;
        }

        @Override
        public RandomGenerator random() {
            return new RandomGenerator() {
                @Override
                public long nextLong() {
                    return 0;
                }

                @Override
                public long nextLong(long bound) {
                    return late ? bound - 1 : 0;
                }
            };
        }

        @Override
        public ScheduledExecutorService scheduler() {
            return scheduler;
        }
    }
}
