package io.lbclient.discovery;

import static io.lbclient.discovery.StillClock.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lbclient.Server;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file does to a pool, on a clock that stands still and without threads. */
class FileDiscoveryTest {
    private final StillClock clock = new StillClock();

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("orders.servers");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text);
    }

    private GuardedDiscovery source() {
        return GuardRails.standard()
                .executor(Runnable::run)
                .around(new FileDiscovery(file(), Duration.ofSeconds(1), Runnable::run));
    }

    @Test
    void aBrokenFileKeepsTheListUntilItIsMended() throws IOException {
        write("a:1\nb:1\n");
        GuardedDiscovery source = source();
        try (ServerPool pool = clock.pool(source)) {
            write("a:1\nb:one\nc:1\n");
            clock.seconds(3);
            assertThat(ids(pool)).containsExactly("a:1", "b:1");
            assertThat(source.status().get(0).failing()).isTrue();
            assertThat(source.status().get(0).failures()).isPositive();

            write("a:1\nb:1\nc:1\n");
            clock.seconds(2);
            assertThat(ids(pool)).containsExactly("a:1", "b:1", "c:1");
            assertThat(source.status().get(0).failing()).isFalse();
        }
    }

    @Test
    void theFailureNamesFileLineAndReason() throws IOException {
        write("a:1\nb:one\n");
        List<String> said = new ArrayList<>();
        Source lender = new Source();
        ServerPool pool = clock.pool(lender);
        new FileDiscovery(file(), Duration.ofSeconds(1), Runnable::run).subscribe(new Relay(lender.sink()) {
            @Override
            public void update(List<Server> servers) {
                said.add(servers.toString());
            }

            @Override
            public void failed(Throwable cause) {
                said.add(cause.toString());
            }

            @Override
            public void refused(String entry, String reason) {
                said.add(entry);
            }
        });

        assertThat(said)
                .containsExactly("java.io.IOException: " + file()
                        + ": line 2: server: b:one (expected: host:port, an IPv6 address in brackets)");
        pool.close();
    }

    @Test
    @DisplayName("I6: a file that is half-written, by truncation or by a last line without an end, changes nothing")
    void incidentI6AHalfWrittenFileChangesNothing() throws IOException {
        write("10.0.0.1:8080\n10.0.0.2:8080\n");
        try (ServerPool pool = clock.pool(source())) {
            for (String half : List.of("", "10.0.0.1:80", "10.0.0.1:8080\n10.0.0.2:808")) {
                write(half);
                clock.seconds(3);
                assertThat(ids(pool)).containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
            }
        }
    }

    @Test
    void aFileIsReadOnlyWhenItHasComeToRest() throws IOException {
        write("a:1\n");
        try (ServerPool pool = clock.pool(source())) {
            write("a:1\nb:1\n");
            clock.seconds(1);
            assertThat(ids(pool)).containsExactly("a:1");
            write("a:1\nb:1\nc:1\n");
            clock.seconds(1);
            assertThat(ids(pool)).containsExactly("a:1");
            clock.seconds(1);
            assertThat(ids(pool)).containsExactly("a:1", "b:1", "c:1");
        }
    }

    @Test
    void aFileThatIsMovedIntoPlaceOrReachedByAnotherLinkIsNoticed() throws IOException {
        Path old = Files.writeString(folder.resolve("old"), "a:1\n");
        Path young = Files.writeString(folder.resolve("new"), "b:1\n");
        Files.setLastModifiedTime(young, Files.getLastModifiedTime(old));
        Files.createSymbolicLink(file(), old);
        try (ServerPool pool = clock.pool(source())) {
            Path link = Files.createSymbolicLink(folder.resolve("link"), young);
            Files.move(link, file(), StandardCopyOption.ATOMIC_MOVE);
            clock.seconds(2);
            assertThat(ids(pool)).containsExactly("b:1");
        }
    }

    @Test
    void theWordNoneEmptiesThePoolAndCommentsDoNot() throws IOException {
        write("a:1\n");
        try (ServerPool pool = clock.pool(source())) {
            write("# a:1\n");
            clock.seconds(5);
            assertThat(ids(pool)).containsExactly("a:1");
            write("none\n");
            clock.seconds(2);
            assertThat(ids(pool)).isEmpty();
        }
    }

    @Test
    void aPoolMayBeBuiltBeforeItsFile() throws IOException {
        try (ServerPool pool = clock.pool(source())) {
            assertThat(ids(pool)).isEmpty();
            write("a:1\n");
            clock.seconds(2);
            assertThat(ids(pool)).containsExactly("a:1");
        }
        assertThat(clock.scheduler.waiting()).isZero();
    }

    @Test
    @DisplayName("bug 21: a thousand looks leave no file open")
    void bug21LooksLeaveNoFileOpen() throws IOException {
        write("a:1\n");
        long before = open();
        try (ServerPool pool = clock.pool(source())) {
            for (int i = 0; i < 1_000; i++) {
                write(i % 2 == 0 ? "a:1\nb:1\n" : "a:1\nbroken\n");
                clock.seconds(2);
            }
            assertThat(ids(pool)).contains("a:1");
        }
        assertThat(open()).isLessThan(before + 100);
    }

    private static long open() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.exists(descriptors)) {
            return 0;
        }
        try (var list = Files.list(descriptors)) {
            return list.count();
        }
    }

    @Test
    void theListOfAnEarlierRunIsUsedWhenTheSourceFails() throws IOException {
        Path kept = folder.resolve("kept");
        GuardRails rails = GuardRails.standard().snapshotFile(kept);
        Guarded first = new Guarded(rails, "a", "b", "c", "d");
        first.seconds(1);
        first.source.sink().update(List.of(Guarded.server("a").withZone("x"), Guarded.server("b")));
        first.seconds(8);
        assertThat(kept).as("written once in ten seconds").content().contains("id=d");
        first.seconds(3);
        first.pool.close();

        Guarded second = new Guarded(rails);
        assertThat(second.ids()).isEmpty();
        second.source.sink().failed(new IOException("the registry is down"));
        assertThat(second.ids()).containsExactly("a", "b");
        assertThat(second.pool.snapshot().servers().get(0).server().zone()).isEqualTo("x");
        assertThat(second.status().fromSnapshot()).isTrue();
        // Any servers at all are better than old ones.
        second.push("z");
        assertThat(second.ids()).containsExactly("z");
        assertThat(second.status().fromSnapshot()).isFalse();
    }

    @Test
    void theListOfAnEarlierRunIsUsedHoweverLateItIsRead() throws IOException {
        Path kept = Files.writeString(folder.resolve("kept"), "a:1\n");
        List<Runnable> later = new ArrayList<>();
        Source source = new Source();
        ServerPool pool = clock.pool(
                GuardRails.standard().snapshotFile(kept).executor(later::add).around(source));
        source.sink().update(List.of());
        assertThat(ids(pool)).isEmpty();
        later.forEach(Runnable::run);
        assertThat(ids(pool)).containsExactly("a:1");
    }

    @Test
    void theListOfAnEarlierRunIsUsedWhenTheSourceIsSilentOrEmptyAndNotOtherwise() throws IOException {
        Path kept = Files.writeString(folder.resolve("kept"), "a:1\n169.254.169.254:80\n");
        GuardRails rails = GuardRails.standard().snapshotFile(kept);
        Guarded silent = new Guarded(rails);
        silent.seconds(1);
        assertThat(silent.ids()).containsExactly("a:1");
        silent.source.sink().unchanged();
        assertThat(silent.status().age()).as("it has not said so").isEqualTo(Duration.ofSeconds(1));

        Guarded empty = new Guarded(rails);
        empty.push();
        assertThat(empty.ids()).containsExactly("a:1");
        empty.seconds(5);
        empty.push();
        assertThat(empty.ids()).containsExactly("a:1");
        assertThat(empty.status().age()).isEqualTo(Duration.ofSeconds(5));

        Guarded answering = new Guarded(rails, "b");
        answering.seconds(5);
        assertThat(answering.ids()).containsExactly("b");

        Files.writeString(kept, "rubbish");
        Guarded rubbish = new Guarded(rails);
        rubbish.seconds(5);
        assertThat(rubbish.ids()).isEmpty();
        rubbish.push("c");
        assertThat(rubbish.ids()).containsExactly("c");
    }
}
