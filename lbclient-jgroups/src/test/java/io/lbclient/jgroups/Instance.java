package io.lbclient.jgroups;

import io.lbclient.Attempt;
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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jgroups.JChannel;

/** An instance of an application with the replicated store, a process of its own, which does what each line says. */
final class Instance implements AutoCloseable {
    private static final String ANSWER = "answer: ";

    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter orders;
    /** What it had when it was about to serve. */
    final int bindingsAtStart;

    /** Begins the cluster. */
    static Instance first(int port, String hosts) throws IOException {
        return new Instance(port, hosts, "1s");
    }

    /** Joins a cluster that is there, however long its instances take to answer. */
    static Instance joining(int port, String hosts) throws IOException {
        return new Instance(port, hosts, "30s");
    }

    private Instance(int port, String hosts, String joinTimeout) throws IOException {
        process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Djava.net.preferIPv4Stack=true",
                        "-Dlb.port=" + port,
                        "-Dlb.hosts=" + hosts,
                        "-Dlb.join=" + joinTimeout,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Instance.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        orders = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
        bindingsAtStart = Integer.parseInt(answer());
    }

    String order(String line) throws IOException {
        orders.println(line);
        return answer();
    }

    private String answer() throws IOException {
        String answer;
        do {
            answer = answers.readLine();
            if (answer == null) {
                throw new IOException("the instance has ended");
            }
            // Other lines are its log.
        } while (!answer.startsWith(ANSWER));
        return answer.substring(ANSWER.length());
    }

    List<String> visit(int from, int to) throws IOException {
        return List.of(order("visit " + from + " " + to).split(" "));
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        orders.close();
        process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }

    /**
     * Serves the orders: {@code visit FROM TO} sends a request for each of some sessions and answers with their servers;
     * {@code await NUMBER} answers with how many are known here when it is so many, {@code instances NUMBER} with how many
     * instances are, or either after two minutes with what it is then.
     */
    public static void main(String[] args) throws Exception {
        Server[] servers = new Server[7];
        for (int i = 0; i < servers.length; i++) {
            servers[i] = Server.of("127.0.0.1", 9000 + i).withId("s" + i);
        }
        try (ReplicatedStore store = ReplicatedStore.builder(
                                new JChannel(Instance.class.getResourceAsStream("/loopback.xml")), "sessions")
                        .stateTimeout(Duration.ofSeconds(60))
                        .join();
                ServerPool pool = ServerPool.builder("shop")
                        .servers(servers)
                        .balancer(Balancers.random())
                        .affinity(SessionAffinity.builder()
                                .key("sid", request -> request.header("sid"), store)
                                .build())
                        .build()) {
            say(store.size());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "visit" -> say(visit(pool, Integer.parseInt(words[1]), Integer.parseInt(words[2])));
                    case "await" -> {
                        await(() -> store.size() >= Integer.parseInt(words[1]));
                        say(store.size());
                    }
                    case "instances" -> {
                        await(() -> store.instances() == Integer.parseInt(words[1]));
                        say(store.instances());
                    }
                    default -> throw new IllegalArgumentException(line);
                }
            }
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }

    private static void say(Object answer) {
        System.out.println(ANSWER + answer);
        System.out.flush();
    }

    private static String visit(ServerPool pool, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int session = from; session < to; session++) {
            String id = "session-" + session;
            RequestView request = new RequestView() {
                @Override
                public String header(String name) {
                    return name.equals("sid") ? id : null;
                }
            };
            try (Attempt attempt = pool.pick(request)) {
                attempt.bind(name -> List.of());
                attempt.complete(Outcome.SUCCESS);
                text.append(attempt.server().id()).append(' ');
            }
        }
        return text.toString().trim();
    }
}
