package io.lbclient.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Rules for every module's main classes. */
public final class HouseRules {
    private static final Map<String, Set<String>> BANNED_CALLS = Map.of(
            "java.lang.System", Set.of("currentTimeMillis", "nanoTime"),
            "java.lang.Math", Set.of("random"),
            "java.lang.Thread", Set.of("sleep", "<init>", "ofVirtual", "ofPlatform", "startVirtualThread"),
            "java.util.concurrent.TimeUnit", Set.of("sleep"),
            "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"),
            "java.time.Instant", Set.of("now"),
            "okhttp3.Headers$Builder", Set.of("addUnsafeNonAscii"));

    private HouseRules() {}

    /**
     * Time, randomness and threads are injected.
     *
     * @param defaults the classes where a builder's defaults come from, which are excepted
     * @return the rule
     */
    public static ArchRule timeRandomnessAndThreadsAreInjected(String... defaults) {
        Set<String> excepted = Set.of(defaults);
        return noClasses()
                .that(describe("are not where a builder's defaults come from", c -> !excepted.contains(c.getName())))
                .should()
                .accessTargetWhere(describe("is one of " + BANNED_CALLS, HouseRules::isBanned))
                .because("a test that cannot move the clock sleeps, and a run that nobody can repeat explains nothing");
    }

    private static boolean isBanned(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        return BANNED_CALLS.getOrDefault(target.getOwner().getName(), Set.of()).contains(target.getName());
    }

    /**
     * No monitor is held in a request's path.
     *
     * @return the rule
     */
    public static ArchRule nothingIsSynchronized() {
        return classes()
                .should(new NoMonitors())
                .because("a virtual thread that blocks in a monitor pins its carrier on the JDKs before 24");
    }

    /**
     * Identity of a server is checked by the TLS library, and nothing of a stranger's is deserialized.
     *
     * @return the rule
     */
    public static ArchRule noTrustIsDecidedHereAndNothingIsDeserialized() {
        DescribedPredicate<JavaClass> banned = describe(
                "decide whom to trust, or deserialize",
                c -> c.isAssignableTo("javax.net.ssl.HostnameVerifier")
                        || c.isAssignableTo("javax.net.ssl.TrustManager")
                        || c.isAssignableTo("java.io.ObjectInputStream"));
        return noClasses().should(dependOnClassesThat(banned)).orShould(beOneOf(banned));
    }

    private static ArchCondition<JavaClass> beOneOf(DescribedPredicate<JavaClass> predicate) {
        return ArchCondition.from(predicate);
    }

    /**
     * Packages of ours use the root, what all of the core shares, and nothing else of ours.
     *
     * @return the rule
     */
    public static ArchRule packagesUseTheRootOnly() {
        return classes()
                .that(resideInAnyPackage("io.lbclient.."))
                .should(new OnlyTheRoot())
                .because("the arrows between the rooms run one way");
    }

    /**
     * No two packages need each other.
     *
     * @return the rule
     */
    public static ArchRule noCycles() {
        return slices().matching("io.lbclient.(**)").should().beFreeOfCycles();
    }

    /**
     * Main code depends on the JDK, on us, and on what a module may use.
     *
     * @param packages further packages
     * @return the rule
     */
    public static ArchRule dependsOnlyOn(String... packages) {
        String[] all = Stream.concat(
                        Stream.of(
                                "java..",
                                "javax.net..",
                                "javax.crypto..",
                                "javax.management..",
                                "javax.security.auth..",
                                "io.lbclient.."),
                        Stream.of(packages))
                .toArray(String[]::new);
        return classes().should().onlyDependOnClassesThat(resideInAnyPackage(all));
    }

    /**
     * Names that say nothing are not used.
     *
     * @return the rule
     */
    public static ArchRule namesSaySomething() {
        return noClasses().should().haveNameMatching(".*(Util|Utils|Impl|Manager)|.*[.$](Base|Default)[A-Z].*");
    }

    private static final class OnlyTheRoot extends ArchCondition<JavaClass> {
        private static final String ROOT = "io.lbclient";
        private static final String SHARED = "io.lbclient.internal";

        OnlyTheRoot() {
            super("use only the root package, what is shared, their own and what is not ours");
        }

        @Override
        public void check(JavaClass item, ConditionEvents events) {
            item.getDirectDependenciesFromSelf().stream()
                    .filter(dependency -> {
                        String target = dependency.getTargetClass().getPackageName();
                        boolean ours = target.equals(ROOT) || target.startsWith(ROOT + ".");
                        return ours
                                && !List.of(ROOT, SHARED, item.getPackageName()).contains(target);
                    })
                    .forEach(dependency ->
                            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription())));
        }
    }

    private static final class NoMonitors extends ArchCondition<JavaClass> {
        NoMonitors() {
            super("enter no monitor");
        }

        @Override
        public void check(JavaClass item, ConditionEvents events) {
            try (InputStream bytes =
                    item.getSource().orElseThrow().getUri().toURL().openStream()) {
                new ClassReader(bytes).accept(new MonitorFinder(item, events), ClassReader.SKIP_FRAMES);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class MonitorFinder extends ClassVisitor {
        private final JavaClass item;
        private final ConditionEvents events;

        MonitorFinder(JavaClass item, ConditionEvents events) {
            super(Opcodes.ASM9);
            this.item = item;
            this.events = events;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            if ((access & Opcodes.ACC_SYNCHRONIZED) != 0) {
                found(name);
            }
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitInsn(int opcode) {
                    if (opcode == Opcodes.MONITORENTER) {
                        found(name);
                    }
                }
            };
        }

        private void found(String method) {
            events.add(SimpleConditionEvent.violated(item, item.getName() + "." + method + " is synchronized"));
        }
    }
}
