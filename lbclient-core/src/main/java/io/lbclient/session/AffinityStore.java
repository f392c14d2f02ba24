package io.lbclient.session;

import io.lbclient.internal.Checks;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where it is remembered which session is on which server: in memory, in a central store, or in one that is replicated
 * between the instances of an application.
 *
 * <p>All methods are called on the path of a request and must return at once; what takes time completes later, on any
 * thread. A caller waits for a look-up no longer than its own bound and goes on without. A binding that is used neither
 * by {@link #find} nor by {@link #bind} for the store's lifetime is forgotten; so is one that a full store has no place
 * for, and each store says which it forgets first. A failed stage is as good as no binding.
 *
 * <p>Keys are short texts without meaning to the store, which never sees a session id itself. Implementations must be
 * safe for use by many threads, and one store may serve many pools.
 */
public interface AffinityStore extends AutoCloseable {
    /** How long a key or the name of a server may be: {@value} characters. */
    int MAX_LENGTH = 256;

    /**
     * Looks up a binding, which is fresh again afterwards.
     *
     * @param key the key, 1 to {@value #MAX_LENGTH} characters
     * @return completes with the id of the server, or null if the key is not bound
     */
    CompletionStage<@Nullable String> find(String key);

    /**
     * Returns what is remembered of a binding in this process, without asking anybody: what a caller goes by when
     * {@link #find} takes longer than it can wait. By default nothing is.
     *
     * @param key the key, 1 to {@value #MAX_LENGTH} characters
     * @return the id of the server, or null if nothing is remembered here
     */
    default @Nullable String known(String key) {
        return null;
    }

    /**
     * Binds a key that is not bound, or is bound to a server that cannot be used any more. In one step, so that of
     * several instances that bind at once one wins, and all are told who.
     *
     * @param key the key, 1 to {@value #MAX_LENGTH} characters
     * @param server the id of the server, 1 to {@value #MAX_LENGTH} characters
     * @param insteadOf the server whose binding this one replaces; null to replace none
     * @return completes with the server that the key is bound to afterwards: this one, or the one that it was bound to if
     *     that was neither nobody nor {@code insteadOf}
     */
    CompletionStage<String> bind(String key, String server, @Nullable String insteadOf);

    /**
     * Checks a key or the name of a server, for implementations.
     *
     * @param name what it is
     * @param text the text
     * @return the text
     * @throws IllegalArgumentException if it is not 1 to {@value #MAX_LENGTH} characters long; it is not repeated, since it
     *     may stand for somebody's session
     */
    static String checked(String name, String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw Checks.rejected(name, text.length() + " characters", "1 to " + MAX_LENGTH + " characters");
        }
        return text;
    }

    /** Ends what the store has started. A second call does nothing. */
    @Override
    void close();
}
