package io.lbclient.health;

import io.lbclient.Server;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * A question to a server whether it is well; {@link ActiveChecks} asks it again and again. Called for many servers at
 * once, so an implementation must be safe for use by many threads.
 */
@FunctionalInterface
public interface HealthCheck {
    /**
     * Asks one server. Must return at once: what waits for the server is asynchronous, or runs on the executor.
     *
     * @param server the server
     * @param executor runs work that may block, each task on a thread of its own
     * @return the answer; a failure of the future, or of this call, counts as a failed check. The future is cancelled
     *     when the check's time is over or the pool is closed: an implementation should then let go of what it holds
     */
    CompletableFuture<Result> check(Server server, Executor executor);

    /**
     * What came of one check.
     *
     * @param passed whether the server is well
     * @param detail why not, in plain words, for logs; may be empty
     */
    record Result(boolean passed, String detail) {
        /** The server is well. */
        public static final Result PASSED = new Result(true, "");

        /**
         * Returns a result that says that the server is not well.
         *
         * @param why why, in plain words
         * @return the result
         */
        public static Result failed(String why) {
            return new Result(false, why);
        }
    }

    /**
     * Returns a check that passes if a TCP connection can be made to the server's host and port; it is closed at once.
     *
     * @return the check
     */
    static HealthCheck tcp() {
        return new SocketCheck(socket -> Result.PASSED, Server::port);
    }

    /**
     * Returns a check that passes if {@code GET path} is answered with a status of 200 to 299; for all else see {@link
     * HttpCheck#builder}.
     *
     * @param path the path, beginning with {@code /}, with its query if it has one
     * @return the check
     * @throws IllegalArgumentException if the path is malformed
     */
    static HealthCheck http(String path) {
        return HttpCheck.builder(path).build();
    }

    /**
     * Returns a check that is a function of the user's. It may block: it runs on a thread of its own, which is
     * interrupted when its time is over.
     *
     * @param function returns true if the server is well; what it throws is a failed check
     * @return the check
     */
    static HealthCheck of(Predicate<? super Server> function) {
        return (server, executor) -> BlockingProbe.start(
                executor, () -> function.test(server) ? Result.PASSED : Result.failed("the check returned false"));
    }
}
