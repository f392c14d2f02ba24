package io.lbclient.routing;

import io.lbclient.internal.Checks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rule decides a request, and why the earlier ones do not. It holds no value of the request's query, headers, cookies
 * and claims, so it may be logged; its {@link #toString} has a line for each rule.
 *
 * @param router the router's name
 * @param request method, host and path as they came
 * @param path the path in the one form in which it is compared; null if it is refused
 * @param steps the rules that were looked at, in their order; the last one decided, unless none did
 * @param decision where the request goes; null if that is an error. A split without a key and a mirrored share are drawn
 *     anew, as for a request of their own
 * @param summary what came of it, in words
 */
public record Explanation(
        String router,
        String request,
        @Nullable String path,
        List<Step> steps,
        @Nullable Decision decision,
        String summary) {
    /**
     * One rule that was looked at.
     *
     * @param rule its name
     * @param matched whether the request meets it
     * @param reason its condition if it does, else what is missing
     */
    public record Step(String rule, boolean matched, String reason) {
        @Override
        public String toString() {
            return (matched ? "+ " : "- ") + rule + ": " + reason;
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(router).append(": ").append(request);
        if (path != null) {
            text.append(", compared as ").append(Checks.printable(path));
        }
        steps.forEach(step -> text.append("\n  ").append(step));
        return text.append("\n  ").append(summary).toString();
    }
}
