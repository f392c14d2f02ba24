package io.lbclient.notify;

import java.util.Locale;

/**
 * What can be told. Two kinds with one alert name belong together: one fires the alert, the other resolves it.
 *
 * <p>A further event of a pool is one constant here, what {@link Reporter} makes of it, and one line in {@link
 * OperatorNotifier} that hands it on.
 */
enum Kind {
    SERVER_OUT("LbclientServerOut", "warning", true, "is out"),
    SERVER_BACK("LbclientServerOut", "warning", false, "is back"),
    /** It left the pool while it was out, so nobody needs to repair it for this pool's sake. */
    SERVER_REMOVED("LbclientServerOut", "warning", false, "left the pool while it was out"),
    NO_SERVER("LbclientNoServer", "critical", true, "no server is eligible"),
    SERVER_AVAILABLE("LbclientNoServer", "critical", false, "a server is eligible again"),
    PANIC("LbclientPanic", "critical", true, "is in panic"),
    PANIC_OVER("LbclientPanic", "critical", false, "is no longer in panic"),
    FAILED_OVER("LbclientFailover", "warning", true, "standby servers have stepped in"),
    FAILED_BACK("LbclientFailover", "warning", false, "standby servers have stepped back");

    private final String alertName;
    private final String severity;
    private final boolean fires;
    private final String words;

    Kind(String alertName, String severity, boolean fires, String words) {
        this.alertName = alertName;
        this.severity = severity;
        this.fires = fires;
        this.words = words;
    }

    /** The name in generic JSON. */
    String event() {
        return name().toLowerCase(Locale.ROOT);
    }

    String alertName() {
        return alertName;
    }

    String severity() {
        return severity;
    }

    boolean fires() {
        return fires;
    }

    /** What a person reads after the name of the pool or the server. */
    String words() {
        return words;
    }
}
