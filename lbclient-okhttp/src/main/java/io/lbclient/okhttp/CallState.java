package io.lbclient.okhttp;

import io.lbclient.Attempt;
import io.lbclient.LoadReport;
import io.lbclient.Outcome;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one call: its present attempt, how far that got, and the server whose connection the call holds.
 *
 * <p>One for each call, however often its interceptors proceed. Events come from the call's thread, from threads that
 * connect, and from whoever reads the body, so all fields are volatile; those that belong together are written by one
 * thread at a time. It must not refer to the call: it is what frees the attempt when the call is garbage.
 */
final class CallState extends EventListener implements Runnable {
    /** Where a server says what load it has (ORCA). */
    private static final String LOAD_HEADER = "endpoint-load-metrics";

    private static final Cleaner CLEANER = Cleaner.create();

    private final Connections connections;
    private final HttpUrl url;
    private volatile Cleaner.@Nullable Cleanable cleanable;
    private volatile @Nullable Attempt attempt;
    private volatile Outcome verdict = Outcome.CANCELLED;
    private volatile @Nullable ServerPin held;
    /** The connection that the call holds, or held last. */
    private volatile @Nullable Link link;
    /** Whether the call counts as a user of that connection. */
    private volatile boolean using;

    private volatile @Nullable String retryAfter;

    // How far the present attempt got.
    private volatile boolean connecting;
    private volatile boolean connectFailed;
    private volatile boolean connected;
    private volatile boolean reused;
    private volatile boolean sent;
    private volatile boolean bodyStarted;
    private volatile boolean answering;
    private volatile boolean away;
    private volatile int status;
    private volatile boolean doomed;
    private volatile @Nullable IOException broken;

    private CallState(Connections connections, HttpUrl url) {
        this.connections = connections;
        this.url = url;
    }

    /** Returns the call's state. An interceptor above ours may proceed again, to the same service or to another. */
    static CallState of(Call call, Connections connections, HttpUrl url) {
        Holder holder = call.tag(Holder.class, Holder::new);
        CallState known = holder.state;
        if (known != null && known.connections.pool == connections.pool) {
            return known;
        }
        if (known != null) {
            known.end();
        }
        CallState state = new CallState(connections, url);
        holder.state = state;
        call.addEventListener(state);
        state.cleanable = CLEANER.register(call, state);
        return state;
    }

    static @Nullable CallState of(Call call) {
        Holder holder = call.tag(Holder.class);
        return holder == null ? null : holder.state;
    }

    /** What the call is tagged with. */
    private static final class Holder {
        volatile @Nullable CallState state;
    }

    /** Begins an attempt, which ends the one before it. */
    void begin(Attempt next) {
        end();
        attempt = next;
        verdict = Outcome.CANCELLED;
        restart();
    }

    /** Forgets how far the attempt got: it is about to be sent, for the first time or again. */
    void restart() {
        connecting = false;
        connectFailed = false;
        // The call may still hold the connection of an earlier exchange, which is then used without an event.
        connected = held != null;
        reused = connected;
        sent = false;
        bodyStarted = false;
        answering = false;
        away = false;
        status = 0;
        doomed = false;
        broken = null;
        retryAfter = null;
    }

    /** Notes what the answer says about the server. It counts when the call ends, unless the body fails. */
    void answered(Outcome outcome) {
        verdict = outcome;
        // A server may answer before it has read the request, and close: then the request failed, the attempt did not.
        broken = null;
    }

    /** Notes what an answer says, and returns it; a redirect that led away is not the server's. */
    Outcome judged(Plan plan, Response response) {
        Outcome outcome;
        try {
            outcome = away ? Outcome.SUCCESS : plan.classify(response);
        } catch (RuntimeException | Error e) {
            // The classifier is the user's: its answer is nobody's any more.
            response.close();
            end(Outcome.CANCELLED);
            throw e;
        }
        answered(outcome);
        return outcome;
    }

    /** Returns whether the last answer speaks for the server. */
    boolean succeeded() {
        return verdict == Outcome.SUCCESS;
    }

    /** Ends the present attempt now. */
    void end(Outcome outcome) {
        answered(outcome);
        end();
    }

    private void end() {
        Attempt present = attempt;
        if (present != null) {
            IOException failure = broken;
            present.complete(failure == null ? verdict : Outcomes.of(failure, this));
        }
    }

    /** Returns the attempt that an earlier passage of the same call made, if that server failed; else null. */
    @Nullable Attempt failedBefore() {
        end();
        return verdict.failure() ? attempt : null;
    }

    @Nullable ServerPin held() {
        return held;
    }

    boolean connectFailed() {
        return connectFailed;
    }

    boolean connected() {
        return connected;
    }

    /** Returns whether the connection was closed before anything could be sent over it, since its server had left. */
    boolean doomed() {
        return doomed;
    }

    /** Returns the connection that the call holds, or held last. */
    @Nullable Link link() {
        return link;
    }

    /** Returns whether the connection was closed under the call, since its server had left and its time was over. */
    boolean cut() {
        Link last = link;
        return last != null && last.isCut();
    }

    /** Returns whether the request went out on a connection that had been used before. */
    boolean reused() {
        return reused;
    }

    /** Returns whether a server may have seen the request. */
    boolean sent() {
        return sent;
    }

    boolean bodyStarted() {
        return bodyStarted;
    }

    /** Returns whether an answer began. */
    boolean answering() {
        return answering;
    }

    /** Returns whether a redirect led away from the service. */
    boolean away() {
        return away;
    }

    /** Returns the status of the last answer, 0 if there was none. */
    int status() {
        return status;
    }

    @Nullable IOException broken() {
        return broken;
    }

    @Nullable String retryAfter() {
        return retryAfter;
    }

    void retryAfter(String value) {
        retryAfter = value;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        connecting = true;
    }

    @Override
    public void connectFailed(
            Call call,
            InetSocketAddress address,
            Proxy proxy,
            okhttp3.@Nullable Protocol protocol,
            IOException failure) {
        connectFailed = true;
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        Dns dns = connection.route().address().dns();
        ServerPin pin = dns instanceof ServerPin ours ? ours : null;
        held = pin;
        connected = true;
        reused = !connecting;
        if (pin != null) {
            Link present = pin.link(connection, connections);
            link = present;
            using = present.enter();
            doomed = !using;
        }
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
        held = null;
        connected = false;
        reused = false;
        leave();
    }

    private void leave() {
        Link present = link;
        if (using && present != null) {
            using = false;
            present.leave();
        }
    }

    @Override
    public void requestHeadersStart(Call call) {
        sent = true;
    }

    @Override
    public void requestBodyStart(Call call) {
        bodyStarted = true;
    }

    @Override
    public void requestFailed(Call call, IOException failure) {
        broken = failure;
    }

    @Override
    public void responseHeadersStart(Call call) {
        answering = true;
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
        status = response.code();
        Attempt present = attempt;
        if (present == null || away) {
            return;
        }
        if (Outcomes.of(status) == Outcome.SUCCESS) {
            present.answered();
        }
        LoadReport report = LoadReport.parse(response.header(LOAD_HEADER));
        if (report != null) {
            present.report(report);
        }
        // Here, where only answers of this server pass by: neither the cache's nor those of where a redirect led.
        RetryAfter.heed(response, present);
    }

    /**
     * Ends the attempt of a canceled call here, since the call's own end may never be told: if the cancel meets the
     * moment between sending the headers and reading the answer, OkHttp takes the request for failed and reads the answer
     * all the same, and then waits for ever for the request to end.
     */
    @Override
    public void responseBodyEnd(Call call, long byteCount) {
        if (call.isCanceled()) {
            answered(Outcome.CANCELLED);
            end();
        }
    }

    @Override
    public void responseFailed(Call call, IOException failure) {
        broken = failure;
    }

    @Override
    public void followUpDecision(Call call, Response response, @Nullable Request next) {
        if (next != null) {
            away = !next.url().host().equals(url.host()) || next.url().port() != url.port();
        }
    }

    @Override
    public void callEnd(Call call) {
        if (broken != null && call.isCanceled()) {
            // One direction of a socket broke since it was cancelled; then the other one ended in good order.
            end(Outcome.CANCELLED);
        } else {
            end();
        }
        forget();
    }

    @Override
    public void callFailed(Call call, IOException failure) {
        Attempt present = attempt;
        if (present != null) {
            present.complete(Outcomes.ofEnd(failure, call.isCanceled(), this, verdict));
        }
        forget();
    }

    /** An ordinary ending leaves nothing for the cleaner, or it would keep this until the call is garbage. */
    private void forget() {
        Cleaner.Cleanable registered = cleanable;
        if (registered != null) {
            registered.clean();
        }
    }

    /** Called when the call is garbage: somebody dropped a response without closing it. */
    @Override
    public void run() {
        Attempt present = attempt;
        if (present != null) {
            present.close();
        }
        leave();
    }
}
