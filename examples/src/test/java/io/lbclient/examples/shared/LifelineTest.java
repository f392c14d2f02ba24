package io.lbclient.examples.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LifelineTest {
    @Test
    void aServerThatStillWarmsUpEndsWithTheProcessThatBeganIt() throws Exception {
        Process server = server(WarmingUpForEver.class);
        try {
            assertThat(server.inputReader().readLine()).isEqualTo("warming up");

            server.getOutputStream().close();

            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isZero();
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void aServerThatListensIsToldLinesAndEndsAtOneThatItDoesNotUnderstand() throws Exception {
        Process server = server(Echo.class);
        try {
            assertThat(server.inputReader().readLine()).isEqualTo(Lifeline.LISTENING);

            server.outputWriter().append("7\n").flush();
            assertThat(server.inputReader().readLine()).isEqualTo("8");

            server.outputWriter().append("seven\n").flush();
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isOne();
        } finally {
            server.destroyForcibly();
        }
    }

    private static Process server(Class<?> program) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    static final class WarmingUpForEver {
        private WarmingUpForEver() {}

        public static void main(String[] args) throws InterruptedException {
            Lifeline.watch();
            System.out.println("warming up");
            new CountDownLatch(1).await();
        }
    }

    static final class Echo {
        private Echo() {}

        public static void main(String[] args) throws InterruptedException {
            Lifeline.watch().hold(line -> System.out.println(Integer.parseInt(line) + 1));
        }
    }
}
