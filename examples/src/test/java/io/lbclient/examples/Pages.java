package io.lbclient.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The documentation and the sources as they lie in the repository. */
final class Pages {
    static final Path ROOT = Path.of("..");

    private Pages() {}

    /** The README and all pages of docs/. */
    static List<Path> all() throws IOException {
        List<Path> pages = new ArrayList<>();
        pages.add(ROOT.resolve("README.md"));
        pages.addAll(filesIn(ROOT.resolve("docs"), ".md"));
        return pages;
    }

    /** The directories of the modules, by how their names begin. */
    static List<Path> modules(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(ROOT)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> Files.isDirectory(file.resolve("src")))
                    .sorted()
                    .toList();
        }
    }

    static List<Path> filesIn(Path directory, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }
}
