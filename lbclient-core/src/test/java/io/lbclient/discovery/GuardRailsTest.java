package io.lbclient.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GuardRailsTest {
    @Test
    @DisplayName("bug 10: no setting is lost on the way to a guarded source, and a later one does not change it")
    void bug10NoSettingIsLost() throws IllegalAccessException {
        GuardRails rails = GuardRails.standard()
                .filter(AddressFilter.none())
                .maxShrink(0.25)
                .shrinkAfter(Duration.ofSeconds(1))
                .emptyAfter(Duration.ofSeconds(2))
                .damping(Duration.ofSeconds(3))
                .silenceLimit(Duration.ofSeconds(4))
                .snapshotFile(Path.of("x"))
                .executor(Runnable::run);
        GuardedDiscovery guarded = rails.around(new Source());
        GuardRails copy = guarded.rails;

        int settings = 0;
        for (Field field : GuardRails.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
                settings++;
                assertThat(field.get(copy)).as(field.getName()).isEqualTo(field.get(rails));
                assertThat(field.get(copy))
                        .as("%s is set above", field.getName())
                        .isNotEqualTo(field.get(GuardRails.standard()));
            }
        }
        assertThat(settings).isEqualTo(8);
        rails.maxShrink(1);
        assertThat(copy.maxShrink).isEqualTo(0.25);
    }

    @Test
    void newRailsReplaceTheOldOnes() {
        Source source = new Source();
        GuardedDiscovery first = GuardRails.standard().around(source);
        assertThat(GuardRails.standard().around(first).source).isSameAs(source);
    }

    @Test
    void badSettingsAreRefusedWhereTheyAreGiven() {
        GuardRails rails = GuardRails.standard();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rails.maxShrink(1.1))
                .withMessage("maxShrink: 1.1 (expected: 0.0 to 1.0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rails.maxShrink(Double.NaN))
                .withMessageStartingWith("maxShrink: NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rails.damping(Duration.ofNanos(-1)))
                .withMessageStartingWith("damping: PT-0.000000001S");
    }
}
