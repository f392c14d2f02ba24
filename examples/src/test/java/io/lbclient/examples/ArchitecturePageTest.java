package io.lbclient.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page that walks through the code names types and methods; a rename must not leave it behind. */
class ArchitecturePageTest {
    private static final Pattern DECLARED = Pattern.compile("\\b(?:class|interface|record|enum) ([A-Z]\\w*)");
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*)(?:\\.([A-Z]\\w*))?(?:\\.([a-z]\\w*))?`");

    @Test
    void everyTypeAndMethodThatThePageNamesExists() throws IOException {
        Map<String, String> sources = sources();
        String page = Files.readString(Pages.ROOT.resolve("docs/architecture.md"));
        List<MatchResult> names = NAMED.matcher(page).results().toList();
        Set<String> unknown = new TreeSet<>();
        for (MatchResult name : names) {
            String type = name.group(2) == null ? name.group(1) : name.group(2);
            String source = sources.get(type);
            String method = name.group(3);
            if (source == null || (method != null && !source.contains(" " + method + "("))) {
                unknown.add(name.group());
            }
        }
        assertThat(names).as("names on the page").hasSizeGreaterThan(50);
        assertThat(unknown).as("names that nothing in the code has").isEmpty();
    }

    /** The text of each type's file, or files, by the type's simple name. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path module : Pages.modules("")) {
            for (Path file : Pages.filesIn(module.resolve("src"), ".java")) {
                String text = Files.readString(file);
                DECLARED.matcher(text).results().forEach(type -> sources.merge(type.group(1), text, String::concat));
            }
        }
        return sources;
    }
}
