package io.lbclient.routing;

import io.lbclient.RequestView;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a rule asks of a request: a test of one part of it, or several joined by {@link #and}, {@link #or} and {@link #not}.
 *
 * <pre>{@code
 * Condition beta = Condition.pathPrefix("/api").and(Condition.header("x-beta").is("yes"));
 * }</pre>
 *
 * <p>Conditions are immutable, print themselves readably, and are equal to none but themselves. A path is compared in one
 * form, which {@code docs/routing.md} describes; a request whose path is refused matches no rule at all. Text is compared
 * exactly unless a method says otherwise.
 */
public abstract sealed class Condition
        permits AllOf,
                AnyOf,
                FieldCondition,
                HostCondition,
                MethodCondition,
                Negation,
                PathCondition,
                PredicateCondition {
    Condition() {}

    abstract boolean test(RoutedRequest request);

    /** Returns why the request does not match; null if it does. */
    @Nullable String whyNot(RoutedRequest request) {
        return test(request) ? null : "not " + this;
    }

    /**
     * Returns a condition that every request meets.
     *
     * @return the condition
     */
    public static Condition any() {
        return new AllOf(List.of());
    }

    /**
     * Tests the method.
     *
     * @param methods the methods, exactly as they are to be
     * @return met by each of them
     * @throws IllegalArgumentException if there is none, or one is malformed
     */
    public static Condition method(String... methods) {
        return new MethodCondition(List.of(methods));
    }

    /**
     * Tests the host: in any case, without port and trailing dot.
     *
     * @param hosts names such as {@code shop.example}, or {@code *.example} for all names that end so
     * @return met by each of them
     * @throws IllegalArgumentException if there is none, or one is malformed
     */
    public static Condition host(String... hosts) {
        return new HostCondition(List.of(hosts));
    }

    /**
     * Tests the whole path.
     *
     * @param path the path, decoded and in its one form, such as {@code /orders} or {@code /}
     * @return met by that path
     * @throws IllegalArgumentException if the path is not in its one form, which the message shows
     */
    public static Condition path(String path) {
        return PathCondition.exact(path);
    }

    /**
     * Tests the beginning of the path, by whole segments: {@code /api} is met by {@code /api} and {@code /api/v1}, not by
     * {@code /apis}.
     *
     * @param path the prefix, decoded and in its one form; {@code /} is met by every path
     * @return met by all paths that begin so
     * @throws IllegalArgumentException if the path is not in its one form, which the message shows
     */
    public static Condition pathPrefix(String path) {
        return PathCondition.prefix(path);
    }

    /**
     * Tests the shape of the path: {@code /users/{id}/orders} is met by any one segment in place of {@code {id}}, and
     * {@code /users/{id}/**} by all that begins so.
     *
     * @param template the template, otherwise decoded and in its one form
     * @return met by all paths of that shape
     * @throws IllegalArgumentException if the template is malformed
     */
    public static Condition pathTemplate(String template) {
        return PathCondition.template(template);
    }

    /**
     * Tests the whole path with a predicate, for what the others cannot say. It costs what it costs, for every request
     * that comes to the rule; a regular expression should be one that takes linear time, as those of the module {@code
     * lbclient-re2j} do.
     *
     * @param predicate asked with the path in its one form; its {@code toString} is shown
     * @return met if it says so
     */
    public static Condition pathMatches(Predicate<String> predicate) {
        return new PredicateCondition("path matches " + predicate, request -> {
            String path = request.path;
            return path != null && !path.isEmpty() && predicate.test(path);
        });
    }

    /**
     * Begins a test of a query parameter: its first value, decoded.
     *
     * @param name the exact name, decoded
     * @return what may be asked of it
     * @throws IllegalArgumentException if the name is empty
     */
    public static Field query(String name) {
        return new Field(Field.Kind.QUERY, name);
    }

    /**
     * Begins a test of a header: its last value. With gRPC, of an entry of the metadata.
     *
     * @param name the name, in any case
     * @return what may be asked of it
     * @throws IllegalArgumentException if the name is empty
     */
    public static Field header(String name) {
        return new Field(Field.Kind.HEADER, name);
    }

    /**
     * Begins a test of a cookie.
     *
     * @param name the exact name
     * @return what may be asked of it
     * @throws IllegalArgumentException if the name is empty
     */
    public static Field cookie(String name) {
        return new Field(Field.Kind.COOKIE, name);
    }

    /**
     * Begins a test of a claim of the request's verified token, such as a region, a role or a tenant; of a claim with
     * several values, one that fits is enough. It needs {@link RuleSet.Builder#claims}.
     *
     * @param name the exact name
     * @return what may be asked of it
     * @throws IllegalArgumentException if the name is empty
     */
    public static Field claim(String name) {
        return new Field(Field.Kind.CLAIM, name);
    }

    /**
     * Tests what the application attached to the request under a type.
     *
     * @param type the type
     * @param predicate asked if something was attached; its {@code toString} is shown
     * @param <T> that type
     * @return met if something was attached and the predicate says so
     */
    public static <T> Condition tag(Class<T> type, Predicate<? super T> predicate) {
        return new PredicateCondition("tag " + type.getSimpleName() + " matches " + predicate, request -> {
            T tag = request.view.attribute(type);
            return tag != null && predicate.test(tag);
        });
    }

    /**
     * Tests what the application attached to the request under a type for equality.
     *
     * @param value what must have been attached, under its own class
     * @return met by an equal one
     */
    public static Condition tag(Object value) {
        Class<?> type = value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
        return new PredicateCondition(
                "tag " + type.getSimpleName() + " is " + value, request -> value.equals(request.view.attribute(type)));
    }

    /**
     * Tests the request with any predicate. Requests may come to it that another rule decides in the end, so it should do
     * nothing but look. If it throws, the rule does not match.
     *
     * @param description what it tests, for {@link Router#explain}
     * @param predicate the predicate
     * @return met if it says so
     */
    public static Condition matching(String description, Predicate<? super RequestView> predicate) {
        return new PredicateCondition(description, request -> predicate.test(request.view));
    }

    /**
     * Returns a condition that is met if this one and another one are.
     *
     * @param other the other one
     * @return both
     */
    public final Condition and(Condition other) {
        return AllOf.of(this, other);
    }

    /**
     * Returns a condition that is met if this one or another one is.
     *
     * @param other the other one
     * @return either
     */
    public final Condition or(Condition other) {
        return AnyOf.of(this, other);
    }

    /**
     * Returns a condition that is met if another one is not. What a request does not have is met by no test of it, so
     * "not header x is y" is met by a request without that header.
     *
     * @param condition the other one
     * @return its opposite
     */
    public static Condition not(Condition condition) {
        return new Negation(condition);
    }
}
