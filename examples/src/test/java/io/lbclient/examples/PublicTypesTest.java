package io.lbclient.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A public type that no page names is one that nobody finds, or one that need not be public. */
class PublicTypesTest {
    private static final Pattern PUBLIC_TYPE = Pattern.compile(
            "^public (?:abstract |final |sealed |non-sealed )*(?:class|interface|record|enum|@interface) (\\w+)",
            Pattern.MULTILINE);
    private static final Pattern EXPORTS = Pattern.compile("exports ([\\w.]+);");
    private static final Pattern CODE = Pattern.compile("```.*?```|`[^`]+`", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("\\w+");

    @Test
    void everyPublicTypeIsNamedInTheReadmeOrTheDocs() throws IOException {
        Set<String> named = new HashSet<>();
        for (Path page : Pages.all()) {
            CODE.matcher(Files.readString(page))
                    .results()
                    .forEach(code -> WORD.matcher(code.group()).results().forEach(word -> named.add(word.group())));
        }
        Set<String> types = publicTypes();
        assertThat(types).hasSizeGreaterThan(100);

        Set<String> unnamed = new TreeSet<>(types);
        unnamed.removeAll(named);
        unnamed.removeIf(type -> type.endsWith("Builder")); // which is named by what it builds

        assertThat(unnamed).isEmpty();
    }

    private static Set<String> publicTypes() throws IOException {
        Set<String> types = new TreeSet<>();
        for (Path module : Pages.modules("lbclient-")) {
            for (Path file : exported(module.resolve("src/main/java"))) {
                PUBLIC_TYPE.matcher(Files.readString(file)).results().forEach(type -> types.add(type.group(1)));
            }
        }
        return types;
    }

    /** Without a module descriptor every package is exported. */
    private static List<Path> exported(Path sources) throws IOException {
        List<Path> files = Pages.filesIn(sources, ".java");
        Path descriptor = sources.resolve("module-info.java");
        if (!Files.exists(descriptor)) {
            return files;
        }
        Set<Path> packages = new HashSet<>();
        EXPORTS.matcher(Files.readString(descriptor))
                .results()
                .forEach(export -> packages.add(sources.resolve(export.group(1).replace('.', '/'))));
        return files.stream()
                .filter(file -> packages.contains(file.getParent()))
                .toList();
    }
}
