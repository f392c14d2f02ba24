package io.lbclient.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java is compiled as it stands there, so that it cannot rot. */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");

    /** What the surrounding prose has introduced by the time that a snippet stands there. */
    private static final String AROUND = """
            import io.lbclient.*;
            import io.lbclient.balancer.*;
            import io.lbclient.discovery.*;
            import io.lbclient.health.*;
            import io.lbclient.okhttp.*;
            import io.lbclient.routing.*;
            import io.lbclient.session.*;
            import java.io.IOException;
            import java.net.ConnectException;
            import java.nio.file.Path;
            import java.time.Duration;
            import okhttp3.*;

            abstract class Snippet {
                %s
                abstract void send(Server server) throws IOException;

                void run() throws Exception {
                    %s
                }
            }
            """;

    @TestFactory
    Stream<DynamicTest> everySnippetCompiles(@TempDir Path output) throws IOException {
        List<String> snippets = javaBlocks();
        assertThat(snippets).as("Java blocks in the README").hasSizeGreaterThan(3);
        return snippets.stream()
                .map(snippet -> DynamicTest.dynamicTest(
                        snippet.lines().findFirst().orElse(""), () -> compiles(snippet, output)));
    }

    @Test
    void theReadmeStaysUnderTwoHundredLines() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeLessThan(200);
    }

    private static void compiles(String snippet, Path output) {
        boolean introducesThePool = snippet.contains("ServerPool orders");
        String source = AROUND.formatted(introducesThePool ? "" : "ServerPool orders;", snippet);
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

    private static List<String> javaBlocks() throws IOException {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = null;
        for (String line : Files.readAllLines(README)) {
            if (line.equals("```java")) {
                block = new StringBuilder();
            } else if (line.equals("```") && block != null) {
                blocks.add(block.toString());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }
}
