package io.lbclient.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.PoolSnapshot;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.ServerPoolBuilder;
import io.lbclient.ServerSnapshot;
import io.lbclient.examples.Waiting;
import io.lbclient.examples.demo.Figures.Milestone;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FailoverStoryTest {
    private final Recording recording = new Recording();
    private final FailoverStory story = new FailoverStory(true);
    private final List<Server> servers = story.servers().stream()
            .map(name -> story.placed(Server.of("127.0.0.1", 20_001).withId(name)))
            .toList();

    @AfterEach
    void close() {
        story.close();
    }

    private ServerPool begun() throws Exception {
        ServerPoolBuilder builder = ServerPool.builder("orders").servers(servers);
        story.prepare(builder, recording);
        return builder.build();
    }

    /** The pool as if it had been read so many milliseconds from the beginning, with so many picks of each server. */
    private void read(long atMillis, int inFlight, long... picks) {
        List<ServerSnapshot> snapshots = new ArrayList<>();
        for (int i = 0; i < picks.length; i++) {
            ServerSnapshot one = Runs.snapshot(servers.get(i).id(), picks[i]);
            snapshots.add(new ServerSnapshot(
                    servers.get(i),
                    one.state(),
                    Set.of(),
                    "",
                    null,
                    null,
                    null,
                    1.0,
                    i == 0 ? inFlight : 0,
                    picks[i],
                    0.0,
                    0,
                    0,
                    0.0));
        }
        recording.reading(new PickLog.Reading(atMillis * Runs.MS, 0, new PoolSnapshot("orders", snapshots)));
    }

    private void play(String scene, long fromMillis, long toMillis) {
        Scene played = story.scenes().stream()
                .filter(one -> one.name().equals(scene))
                .findFirst()
                .orElseThrow();
        recording.played(new Recording.Played(played, fromMillis * Runs.MS, fromMillis * Runs.MS, toMillis * Runs.MS));
    }

    private Milestone milestone(String name) {
        return story.milestones(recording).stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theStandbysAreOfTheSecondTier() {
        assertThat(servers).extracting(Server::tier).containsExactly(0, 0, 1, 1);
    }

    @Test
    void theStandbysHaveSteppedInWhenTheyGetAllPicksTogether() throws Exception {
        begun().close();
        long[] picks = {0, 0, 0, 0};
        for (long at = 0; at <= 2000; at += 20) {
            read(at, 0, picks);
            int first = at < 1100 ? 0 : 2;
            picks[first]++;
            picks[first + 1]++;
        }
        play("killed", 1000, 2000);

        assertThat(milestone("failedOverMillis").value()).hasValue(100.0);
    }

    @Test
    void aSceneHasShownAllWhenItsLastStepHasHappened() throws Exception {
        recording.restart();
        try (ServerPool pool = begun()) {
            Scene killed = story.scenes().get(1);
            Recording.Played scene = new Recording.Played(killed, 0, 0, TimeUnit.DAYS.toNanos(1));
            long[] picks = {0, 0, 0, 0};
            for (long at = 0; at <= 1000; at += 20) {
                read(at, 0, picks);
                picks[2]++;
            }
            assertThat(story.hasShown(recording, scene))
                    .as("nobody has told the webhook")
                    .isFalse();
            pool.operator("anna").disable("primary-1");
            pool.operator("anna").disable("primary-2");
            Waiting.until("the webhook is told", () -> story.hasShown(recording, scene));
        }
    }

    @Test
    void aDrainIsOverWhenNothingIsInFlightAndFailsIfTheServerIsPickedLater() throws Exception {
        begun().close();
        for (long at = 0; at <= 1000; at += 20) {
            read(at, at < 300 ? 2 : 0, 0, at, 0, 0);
        }
        play("drained", 0, 1000);
        assertThat(milestone("drainedIdleMillis").value()).hasValue(300.0);
        assertThat(milestone("drainedShare").value()).hasValue(0.0);

        read(1020, 0, 1, 1020, 0, 0);
        play("drained", 0, 1020);
        Milestone last = story.milestones(recording).stream()
                .filter(one -> one.name().equals("drainedShare"))
                .reduce((before, after) -> after)
                .orElseThrow();
        assertThat(last.value()).isEmpty();
    }

    @Test
    void eachStepThatDidNotHappenIsNamed() throws Exception {
        begun().close();
        read(0, 1, 0, 0, 0, 0);
        read(1000, 1, 100, 100, 0, 0);
        for (Scene scene : story.scenes()) {
            play(scene.name(), 0, 1000);
        }
        Figures figures = Figures.of(recording, story.milestones(recording), 100, 0, 0);

        assertThat(story.missing(figures))
                .contains(
                        "standbys stepped in: 99 % of the picks after (not within the scene)",
                        "webhook told of failed_over after (not within the scene)",
                        "primary-1 drained: its last request was answered after (not within the scene)",
                        "webhook told of server_back primary-1 after (not within the scene)");
    }

    @Test
    void theWebhookIsToldByARealNotifierAndItsMessagesArePrinted() throws Exception {
        recording.restart();
        try (ServerPool pool = begun()) {
            pool.addListener(recording);
            pool.operator("anna").disable("primary-1");
            pool.operator("anna").disable("primary-2");
            // The notifier hears of it before the recording does.
            Waiting.until("the pool has told of both servers and of the failover", () -> {
                recording.collect();
                return recording.events().stream()
                                .filter(event -> !event.server().equals("webhook"))
                                .count()
                        >= 3;
            });
            // Which waits until all of it was delivered.
            story.finish();
        }
        play("killed", 0, TimeUnit.DAYS.toMillis(1));

        assertThat(milestone("failedOverToldMillis").value()).isPresent();
        assertThat(story.epilogue())
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).contains("orders: standby servers have stepped in"));
        recording.collect();
        assertThat(recording.events()).extracting(Recording.Event::server).contains("webhook");
    }

    @Test
    void whatTheWebhookDoesNotUnderstandIsRefusedAndShown() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver(recording)) {
            assertThat(post(receiver.uri(), "{\"events\":[{\"event\":")).isEqualTo(400);
            assertThat(post(receiver.uri(), "{\"labels\":{\"events\":\"no\"},\"events\":[]}"))
                    .isEqualTo(204);
            assertThat(post(
                            receiver.uri(),
                            "{\"events\":[{\"server\":{\"id\":\"a\",\"port\":1},\"counts\":{\"out\":1},"
                                    + "\"event\":\"server_out\",\"text\":\"a is out\"}]}"))
                    .isEqualTo(204);
            assertThat(receiver.told()).singleElement().satisfies(told -> {
                assertThat(told.event()).isEqualTo("server_out");
                assertThat(told.server()).isEqualTo("a");
                assertThat(told.text()).isEqualTo("a is out");
            });
        }
        recording.collect();
        assertThat(recording.events().get(0).text()).startsWith("got what it does not understand");
    }

    private static int post(URI uri, String body) throws Exception {
        CompletableFuture<HttpResponse<Void>> answer = HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(uri)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
        return answer.get(30, TimeUnit.SECONDS).statusCode();
    }
}
