package io.lbclient.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.lbclient.ServerPool;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.lbclient");
    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages("io.lbclient.broken");
    private static final String[] LIBRARIES = {"dev.failsafe..", "org.slf4j..", "org.jspecify.."};

    /** A room for each concern, all of which users enter; what is not for them is package-private in one of these. */
    private static final Set<String> DOORS = Set.of(
            "io.lbclient",
            "io.lbclient.balancer",
            "io.lbclient.health",
            "io.lbclient.discovery",
            "io.lbclient.retry",
            "io.lbclient.routing",
            "io.lbclient.session",
            "io.lbclient.net");

    /** What those share and users have no use for; the module keeps it to itself. */
    private static final Set<String> SHARED = Set.of("io.lbclient.internal");

    static Stream<ArchRule> rules() {
        return Stream.of(
                HouseRules.packagesUseTheRootOnly(),
                HouseRules.noCycles(),
                HouseRules.dependsOnlyOn(LIBRARIES),
                HouseRules.timeRandomnessAndThreadsAreInjected(
                        "io.lbclient.Ticker",
                        "io.lbclient.PoolScheduler",
                        "io.lbclient.ServerPoolBuilder",
                        "io.lbclient.health.CheckThreads",
                        "io.lbclient.session.SessionAffinityBuilder",
                        "io.lbclient.net.ConnectThreads",
                        "io.lbclient.discovery.IoThreads"),
                HouseRules.nothingIsSynchronized(),
                HouseRules.noTrustIsDecidedHereAndNothingIsDeserialized(),
                HouseRules.namesSaySomething());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void mainCodeKeepsTheHouseRules(ArchRule rule) {
        assertThat(MAIN).hasSizeGreaterThan(30);
        rule.check(MAIN);
    }

    /** A rule that nothing can break holds nothing. */
    @ParameterizedTest
    @MethodSource("rules")
    void eachRuleFindsWhatBreaksIt(ArchRule rule) {
        assertThat(BROKEN).isNotEmpty();

        assertThatThrownBy(() -> rule.check(BROKEN))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("violated");
    }

    @Test
    void eachBannedCallIsFound() {
        assertThatThrownBy(
                        () -> HouseRules.timeRandomnessAndThreadsAreInjected().check(BROKEN))
                .hasMessageContainingAll(
                        "System.nanoTime", "System.currentTimeMillis", "Math.random", "Thread.sleep", "Thread.<init>");
        assertThatThrownBy(() -> HouseRules.noTrustIsDecidedHereAndNothingIsDeserialized()
                        .check(BROKEN))
                .hasMessageContainingAll("HostnameVerifier", "ObjectInputStream");
    }

    @Test
    void theModuleExportsTheDoorsAndNothingElse() throws IOException {
        Path descriptor = classes().resolve("module-info.class");
        try (InputStream bytes = Files.newInputStream(descriptor)) {
            ModuleDescriptor module = ModuleDescriptor.read(bytes);

            Set<String> exported = module.exports().stream()
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
            assertThat(module.exports()).noneMatch(ModuleDescriptor.Exports::isQualified);
            assertThat(exported).isSubsetOf(DOORS).isEqualTo(packages());
            assertThat(module.opens()).isEmpty();
            assertThat(module.requires())
                    .extracting(ModuleDescriptor.Requires::name)
                    .isSubsetOf("java.base", "java.management", "org.slf4j", "org.jspecify", "dev.failsafe.core");
        }
    }

    private static Set<String> packages() {
        return MAIN.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !SHARED.contains(name))
                .collect(Collectors.toSet());
    }

    private static Path classes() {
        try {
            return Path.of(ServerPool.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theRootHasFewPublicTypes() {
        List<String> types = MAIN.stream()
                .filter(c -> c.getPackageName().equals("io.lbclient"))
                .filter(c -> c.isTopLevelClass() && c.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getSimpleName)
                .sorted()
                .toList();

        assertThat(types).hasSizeBetween(15, 27);
    }

    @Test
    void whatIsNotPublicIsFinal() {
        assertThat(MAIN.stream()
                        .filter(c -> c.isTopLevelClass() && !c.isInterface() && !c.isEnum())
                        .filter(c -> !c.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(c -> !c.getSimpleName().equals("package-info"))
                        .filter(c -> !c.getModifiers().contains(JavaModifier.FINAL))
                        .filter(c -> !c.getModifiers().contains(JavaModifier.ABSTRACT)))
                .extracting(JavaClass::getName)
                .isEmpty();
    }
}
