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
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The Java of the README and of docs/ is compiled as it stands there, so that it cannot rot. */
class PagesTest {
    private static final Pattern JAVA = Pattern.compile("^ *```java\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
    /** Curator is not on the class path here, so the snippet stands word for word in a test of its module. */
    private static final String ZOOKEEPER = "lbclient-zookeeper/src/test/java/io/lbclient/zookeeper/InstancesTest.java";

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

            abstract class Snippet {
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

    @TestFactory
    Stream<DynamicTest> everySnippetCompiles(@TempDir Path output) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : Pages.all()) {
            for (MatchResult block :
                    JAVA.matcher(Files.readString(page)).results().toList()) {
                String snippet = block.group(1);
                String name =
                        page.getFileName() + ": " + snippet.lines().findFirst().orElse("");
                tests.add(DynamicTest.dynamicTest(name, () -> compiles(page, snippet, output)));
            }
        }
        assertThat(tests).as("Java blocks in the pages").hasSizeGreaterThan(30);
        return tests.stream();
    }

    @Test
    void theReadmeStaysUnderTwoHundredLines() throws IOException {
        assertThat(Files.readAllLines(Pages.ROOT.resolve("README.md"))).hasSizeLessThan(200);
    }

    private static void compiles(Path page, String snippet, Path output) throws IOException {
        if (snippet.contains("ZooKeeperDiscovery")) {
            assertThat(withoutBlanks(Files.readString(Pages.ROOT.resolve(ZOOKEEPER))))
                    .contains(withoutBlanks(snippet));
            return;
        }
        // An expression is compiled as a statement; what is one already gets an empty one behind it.
        String source = AROUND.formatted(BEFORE.getOrDefault(page.getFileName().toString(), ""), snippet + ";");
        JavaFileObject unit =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-d", output.toString(), "-cp", System.getProperty("java.class.path"));
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(messages, null, null, options, null, List.of(unit))
                .call();
        assertThat(compiled).as(messages.toString()).isTrue();
    }

    private static String withoutBlanks(String code) {
        return code.replaceAll("\\s", "");
    }
}
