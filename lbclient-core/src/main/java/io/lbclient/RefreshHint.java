package io.lbclient;

/** Tells a pool's discovery to look again when the servers that it named turn out to be bad. */
record RefreshHint(News news, ServerDiscovery.Subscription subscription) implements PoolListener {
    @Override
    public void healthChanged(HealthChange change) {
        HealthCause cause = change.cause();
        // What a person or a slow start says of a server is no sign of an outdated list.
        boolean evidence =
                cause == HealthCause.ACTIVE_CHECK || cause == HealthCause.OUTLIER || cause == HealthCause.BREAKER;
        if (change.raised() && evidence) {
            hint();
        }
    }

    @Override
    public void noneEligible(PoolSnapshot snapshot) {
        hint();
    }

    private void hint() {
        news.guarded("the discovery, asked to look again,", subscription::refresh);
    }
}
