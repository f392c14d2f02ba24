package io.lbclient.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of the README and of docs/ is compiled as it stands there, so that it cannot rot. */
class PagesTest {
    private static final Pattern JAVA = Pattern.compile("^ *```java\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final String ZOOKEEPER = "ZooKeeperDiscovery";

    /** What a reader's program has around a snippet. */
    private static final String AROUND = """
            import static java.time.Duration.*;
            import static org.assertj.core.api.Assertions.assertThat;
            import dev.failsafe.*;
            import io.grpc.CallCredentials;
            import io.grpc.ChannelCredentials;
            import io.grpc.InsecureChannelCredentials;
            import io.grpc.ManagedChannel;
            import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
            import io.lbclient.*;
            import io.lbclient.balancer.*;
            import io.lbclient.discovery.*;
            import io.lbclient.dns.*;
            import io.lbclient.examples.extend.*;
            import io.lbclient.grpc.*;
            import io.lbclient.health.*;
            import io.lbclient.jwt.*;
            import io.lbclient.net.*;
            import io.lbclient.notify.*;
            import io.lbclient.okhttp.*;
            import io.lbclient.retry.*;
            import io.lbclient.routing.*;
            import io.lbclient.session.*;
            import io.lbclient.test.*;
            import io.lbclient.test.sim.*;
            import java.io.IOException;
            import java.net.*;
            import java.nio.file.Path;
            import java.time.Duration;
            import java.util.*;
            import java.util.function.*;
            import okhttp3.*;

            abstract class Snippet%d {
                ServerPool orders;
                List<Server> servers;
                %s

                void run() throws Exception {
                    %s
                }
            }
            """;

    /** What the prose of a page has introduced by the time that its snippets stand there. */
    private static final Map<String, String> BEFORE = Map.of(
            "README.md",
            "abstract void send(Server server) throws IOException;",
            "discovery.md",
            """
            interface Registration { void cancel(); }
            interface Registry {
                Registration watch(String name, Consumer<List<Server>> onList, Consumer<Throwable> onEnd);
            }
            Registry registry;
            """,
            "grpc.md",
            """
            abstract static class OrdersStub extends io.grpc.stub.AbstractBlockingStub<OrdersStub> {
                OrdersStub(io.grpc.Channel channel) { super(channel, io.grpc.CallOptions.DEFAULT); }
                abstract Object get(Object request);
            }
            OrdersStub stub;
            Object request;
            String userId;
            ChannelCredentials credentials;
            GrpcOptions options;
            Map<String, ?> retries;
            Router router;
            """,
            "l4.md",
            """
            BalancedSocketFactory sockets;
            ServerPool pool;
            com.zaxxer.hikari.HikariConfig config;
            long clientId;
            byte[] question;
            abstract boolean isInRecovery(Server server);
            """,
            "notify.md",
            "String token;",
            "okhttp.md",
            "OkHttpClient client;",
            "routing.md",
            """
            ServerPool files, beta, stable, fresh, standby, shadow, europe, america;
            java.security.PublicKey publicKey;
            """,
            "sessions.md",
            "byte[] secret;",
            "strategies.md",
            """
            Attempt attempt;
            Response response;
            """);

    /** All in one run of the compiler, which takes longer to start than to compile them. */
    @Test
    void everySnippetCompiles(@TempDir Path output) throws IOException {
        List<JavaFileObject> snippets = snippets();
        assertThat(snippets).as("Java blocks in the pages").hasSizeGreaterThan(30);

        StringWriter messages = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-d", output.toString(), "-cp", System.getProperty("java.class.path"));
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(messages, null, null, options, null, snippets)
                .call();

        assertThat(compiled).as(messages.toString()).isTrue();
    }

    /** Curator is not on the class path here, so this one stands word for word in a test of its module. */
    @Test
    void theSnippetForZooKeeperIsCompiledByItsModule() throws IOException {
        Path test = Pages.ROOT.resolve("lbclient-zookeeper/src/test/java/io/lbclient/zookeeper/InstancesTest.java");
        String compiled = withoutBlanks(Files.readString(test));

        assertThat(blocks(Pages.ROOT.resolve("docs/discovery.md")))
                .filteredOn(block -> block.contains(ZOOKEEPER))
                .isNotEmpty()
                .allMatch(block -> compiled.contains(withoutBlanks(block)));
    }

    @Test
    void theReadmeStaysUnderTwoHundredLines() throws IOException {
        assertThat(Files.readAllLines(Pages.ROOT.resolve("README.md"))).hasSizeLessThan(200);
    }

    private static List<JavaFileObject> snippets() throws IOException {
        List<JavaFileObject> snippets = new ArrayList<>();
        for (Path page : Pages.all()) {
            for (String block : blocks(page)) {
                if (!block.contains(ZOOKEEPER)) {
                    snippets.add(snippet(page.getFileName().toString(), snippets.size(), block));
                }
            }
        }
        return snippets;
    }

    private static List<String> blocks(Path page) throws IOException {
        return JAVA.matcher(Files.readString(page))
                .results()
                .map(block -> block.group(1))
                .toList();
    }

    private static JavaFileObject snippet(String page, int number, String block) {
        // An expression is compiled as a statement; what is one already gets an empty one behind it.
        String source = AROUND.formatted(number, BEFORE.getOrDefault(page, ""), block + ";");
        URI name = URI.create("string:///" + page + "/Snippet" + number + ".java");
        return new SimpleJavaFileObject(name, JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
    }

    private static String withoutBlanks(String code) {
        return code.replaceAll("\\s", "");
    }
}
