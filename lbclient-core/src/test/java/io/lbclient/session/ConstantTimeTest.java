package io.lbclient.session;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** S5 (g): how long a forged signature takes to be refused does not tell how much of it is right. */
class ConstantTimeTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.lbclient.session");

    @Test
    void signaturesAreComparedByTheOneMethodThatLooksAtEveryByte() {
        assertThat(classes.get(TokenCodec.class).getMethodCallsFromSelf())
                .filteredOn(call -> call.getTargetOwner().isEquivalentTo(MessageDigest.class))
                .extracting(call -> call.getOrigin().getName() + " calls " + call.getName())
                .containsExactly("isSigned calls isEqual");
    }

    @Test
    void nothingElseComparesBytes() {
        noClasses()
                .should()
                .callMethod(Arrays.class, "equals", byte[].class, byte[].class)
                .orShould()
                .callMethod(Arrays.class, "mismatch", byte[].class, byte[].class)
                .orShould()
                .callMethod(Arrays.class, "compare", byte[].class, byte[].class)
                .check(classes);
    }
}
