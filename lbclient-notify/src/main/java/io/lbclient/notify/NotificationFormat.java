package io.lbclient.notify;

/** How an {@link OperatorNotifier} writes its messages. */
public enum NotificationFormat {
    /** One JSON object for each message, with a list of events; the fields are described in {@code docs/notify.md}. */
    GENERIC_JSON {
        @Override
        byte[] render(Message message) {
            return GenericJson.render(message);
        }
    },

    /**
     * The array of alerts that Alertmanager takes at {@code POST /api/v2/alerts}. What comes back resolves its alert.
     *
     * <p>Alertmanager takes an alert that it hears nothing more of for resolved, so what is still wrong is sent again
     * every {@link OperatorNotifier.Builder#repeatInterval}.
     */
    ALERTMANAGER {
        @Override
        byte[] render(Message message) {
            return AlertmanagerJson.render(message);
        }

        @Override
        boolean repeats() {
            return true;
        }
    };

    abstract byte[] render(Message message);

    /** Whether the receiver forgets what it is not told again. */
    boolean repeats() {
        return false;
    }
}
