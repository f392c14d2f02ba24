package io.lbclient.routing;

import io.lbclient.internal.Checks;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A named part of a request of which a condition asks something: a header, a cookie, a query parameter or a claim. What a
 * request does not have meets no test of it. Immutable.
 */
public final class Field {
    enum Kind {
        QUERY,
        HEADER,
        COOKIE,
        CLAIM
    }

    final Kind kind;
    final String name;

    Field(Kind kind, String name) {
        if (name.isEmpty()) {
            throw Checks.rejected("name", "\"\"", "a name");
        }
        this.kind = kind;
        // A header's name means the same in any case, so two conditions on it ask of one thing.
        this.name = kind == Kind.HEADER ? name.toLowerCase(Locale.ROOT) : name;
    }

    /**
     * Tests the value for equality. The values are printed with the rule, so for a secret take {@link #matches}.
     *
     * @param values the values
     * @return met by each of them
     * @throws IllegalArgumentException if there is none
     */
    public Condition is(String... values) {
        if (values.length == 0) {
            throw Checks.rejected("values", "none", "at least one");
        }
        Set<String> wanted = Set.of(values);
        return new FieldCondition(this, "is " + String.join("|", values), wanted, wanted::contains);
    }

    /**
     * Tests how the value begins.
     *
     * @param beginning the beginning
     * @return met by all values that begin so
     */
    public Condition startsWith(String beginning) {
        return new FieldCondition(this, "starts with " + beginning, null, value -> value.startsWith(beginning));
    }

    /**
     * Tests whether the request has it, whatever its value.
     *
     * @return met if it does
     */
    public Condition isPresent() {
        return new FieldCondition(this, "is present", null, value -> true);
    }

    /**
     * Tests the value with a predicate, such as a regular expression of the module {@code lbclient-re2j}.
     *
     * @param predicate the predicate; its {@code toString} is shown
     * @return met if it says so
     */
    public Condition matches(Predicate<String> predicate) {
        return new FieldCondition(this, "matches " + predicate, null, predicate);
    }

    /** Returns the values that the request has; more than one for a claim only. */
    List<String> values(RoutedRequest request) {
        if (kind == Kind.CLAIM) {
            return request.claim(name);
        }
        String value = value(request);
        return value == null ? List.of() : List.of(value);
    }

    /** Returns the value, of a claim the first one; null if there is none. */
    @Nullable String value(RoutedRequest request) {
        return switch (kind) {
            case QUERY -> request.view.query(name);
            case HEADER -> request.view.header(name);
            case COOKIE -> request.view.cookie(name);
            case CLAIM -> {
                List<String> values = request.claim(name);
                yield values.isEmpty() ? null : values.get(0);
            }
        };
    }

    @Override
    public String toString() {
        return (kind == Kind.QUERY ? "query parameter" : kind.name().toLowerCase(Locale.ROOT)) + " " + name;
    }
}
