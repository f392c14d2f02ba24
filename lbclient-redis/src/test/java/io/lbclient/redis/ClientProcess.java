package io.lbclient.redis;

import io.lbclient.Attempt;
import io.lbclient.NoServerAvailableException;
import io.lbclient.Outcome;
import io.lbclient.RequestView;
import io.lbclient.Server;
import io.lbclient.ServerPool;
import io.lbclient.balancer.Balancers;
import io.lbclient.session.SessionAffinity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An instance of an application, a process of its own: it sends requests for sessions as it is told to, line by line, and
 * answers each line with one.
 */
final class ClientProcess implements AutoCloseable {
    private static final String ANSWER = "answer: ";

    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter orders;

    ClientProcess(String uri) throws IOException {
        process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClientProcess.class.getName(),
                        uri)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        orders = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    String order(String line) throws IOException {
        orders.println(line);
        String answer;
        do {
            answer = answers.readLine();
            if (answer == null) {
                throw new IOException("the client has ended");
            }
            // Other lines are its log.
        } while (!answer.startsWith(ANSWER));
        return answer.substring(ANSWER.length());
    }

    @Override
    public void close() throws InterruptedException {
        orders.close();
        process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }

    /**
     * Serves the orders: {@code visit FROM TO} sends a request for each of some sessions and answers with the servers that
     * they went to; {@code connected}; {@code failed} with the number of requests that have failed; {@code slowest} with the
     * longest pick in milliseconds since it was asked last.
     */
    public static void main(String[] args) throws IOException {
        Server[] servers = new Server[7];
        for (int i = 0; i < servers.length; i++) {
            servers[i] = Server.of("127.0.0.1", 9000 + i).withId("s" + i);
        }
        AtomicLong failed = new AtomicLong();
        AtomicLong slowest = new AtomicLong();
        try (RedisStore store = RedisStore.builder(args[0])
                        .freshFor(Duration.ofMillis(200))
                        .retryAfter(Duration.ofMillis(200))
                        .build();
                ServerPool pool = ServerPool.builder("shop")
                        .servers(servers)
                        .balancer(Balancers.random())
                        .affinity(SessionAffinity.builder()
                                .key("sid", request -> request.header("sid"), store)
                                .build())
                        .build()) {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                System.out.println(ANSWER
                        + switch (words[0]) {
                            case "visit" ->
                                visit(pool, Integer.parseInt(words[1]), Integer.parseInt(words[2]), failed, slowest);
                            case "connected" -> String.valueOf(store.isConnected());
                            case "failed" -> String.valueOf(failed.get());
                            default -> String.valueOf(TimeUnit.NANOSECONDS.toMillis(slowest.getAndSet(0)));
                        });
                System.out.flush();
            }
        }
    }

    private static String visit(ServerPool pool, int from, int to, AtomicLong failed, AtomicLong slowest) {
        StringBuilder text = new StringBuilder();
        for (int session = from; session < to; session++) {
            String id = "session-" + session;
            RequestView request = new RequestView() {
                @Override
                public String header(String name) {
                    return name.equals("sid") ? id : null;
                }
            };
            long begun = System.nanoTime();
            try (Attempt attempt = pool.pick(request)) {
                slowest.accumulateAndGet(System.nanoTime() - begun, Math::max);
                attempt.bind(name -> java.util.List.of());
                attempt.complete(Outcome.SUCCESS);
                text.append(attempt.server().id()).append(' ');
            } catch (NoServerAvailableException e) {
                failed.incrementAndGet();
                text.append("failed ");
            }
        }
        return text.toString().trim();
    }
}
