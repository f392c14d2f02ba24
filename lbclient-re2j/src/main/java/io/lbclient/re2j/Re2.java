package io.lbclient.re2j;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.function.Predicate;

/**
 * A regular expression of RE2's syntax as a predicate for conditions: it never backtracks, so no input makes it slow.
 *
 * <pre>{@code
 * Condition.header("user-agent").matches(Re2.finds("(?i)bot|crawler"))
 * Condition.pathMatches(Re2.matches("/v[0-9]+/items/[^/]+"))
 * }</pre>
 *
 * <p>What needs backtracking, such as back references, is refused. Immutable, and safe for use by many threads.
 */
public final class Re2 implements Predicate<String> {
    /** An expression takes time in proportion to its own size as well. */
    private static final int MOST = 1000;

    private final Pattern pattern;
    private final boolean whole;

    private Re2(String expression, boolean whole) {
        if (expression.length() > MOST) {
            throw new IllegalArgumentException(
                    "expression: " + expression.length() + " characters (expected: at most " + MOST + ")");
        }
        try {
            pattern = Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "expression: " + expression + " (expected: RE2's syntax; " + e.getDescription() + ")", e);
        }
        this.whole = whole;
    }

    /**
     * Returns a test of the whole text.
     *
     * @param expression the expression, of at most 1000 characters
     * @return met by texts that match from their beginning to their end
     * @throws IllegalArgumentException if the expression is too long or not of RE2's syntax
     */
    public static Re2 matches(String expression) {
        return new Re2(expression, true);
    }

    /**
     * Returns a test of any part of the text.
     *
     * @param expression the expression, of at most 1000 characters
     * @return met by texts of which some part matches
     * @throws IllegalArgumentException if the expression is too long or not of RE2's syntax
     */
    public static Re2 finds(String expression) {
        return new Re2(expression, false);
    }

    @Override
    public boolean test(String text) {
        return whole ? pattern.matches(text) : pattern.matcher(text).find();
    }

    @Override
    public String toString() {
        return (whole ? "all of " : "a part of ") + pattern.pattern();
    }
}
