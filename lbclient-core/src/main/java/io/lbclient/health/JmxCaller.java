package io.lbclient.health;

import java.lang.reflect.Method;
import java.security.AccessController;
import java.security.Principal;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.remote.JMXPrincipal;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/** Who calls over JMX, as far as the connector has authenticated anybody. */
final class JmxCaller {
    /** Who a call is said to be by that nobody authenticated, such as one from within the process. */
    static final String UNKNOWN = "jmx";

    private static final int MAX_LENGTH = 256;

    /** What an operator's name may not have, of the visible characters. */
    private static final String REFUSED = "\",;\\";

    /** Since Java 18; from Java 24 on it is the only way. */
    private static final @Nullable Method CURRENT_SUBJECT = currentSubject();

    private JmxCaller() {}

    private static @Nullable Method currentSubject() {
        try {
            return Subject.class.getMethod("current");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    static String name() {
        Subject subject = subject();
        if (subject == null) {
            return UNKNOWN;
        }
        // A login module may add groups and roles as further principals; JMX's own is the user.
        Set<? extends Principal> principals = subject.getPrincipals(JMXPrincipal.class);
        if (principals.isEmpty()) {
            principals = subject.getPrincipals();
        }
        return principals.isEmpty()
                ? UNKNOWN
                : visible(principals.iterator().next().getName());
    }

    private static @Nullable Subject subject() {
        try {
            return CURRENT_SUBJECT == null ? subjectOfJava17() : (Subject) CURRENT_SUBJECT.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the JMX caller cannot be asked for", e);
        }
    }

    @SuppressWarnings("removal")
    private static @Nullable Subject subjectOfJava17() {
        return Subject.getSubject(AccessController.getContext());
    }

    /**
     * A directory's name for a person may have blanks, commas and letters that an operator's name may not have. To refuse the operation
     * for that would leave its user without any, so each of them is shown as an underscore.
     */
    static String visible(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            return UNKNOWN;
        }
        return name.chars()
                .limit(MAX_LENGTH)
                .mapToObj(c -> c > 0x20 && c < 0x7f && REFUSED.indexOf(c) < 0 ? Character.toString(c) : "_")
                .collect(Collectors.joining());
    }
}
