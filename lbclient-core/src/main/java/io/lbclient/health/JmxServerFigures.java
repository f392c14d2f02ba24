package io.lbclient.health;

import io.lbclient.HealthCause;
import io.lbclient.Operator;
import io.lbclient.ServerSnapshot;
import io.lbclient.health.ServerPoolMXBean.ServerFigures;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server's snapshot in the types that JMX carries to a client that has none of our classes. */
record JmxServerFigures(ServerSnapshot snapshot) implements ServerFigures {
    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    @Override
    public String getId() {
        return snapshot.server().id();
    }

    @Override
    public String getHost() {
        return snapshot.server().host();
    }

    @Override
    public int getPort() {
        return snapshot.server().port();
    }

    @Override
    public int getTier() {
        return snapshot.server().tier();
    }

    @Override
    public String getZone() {
        return snapshot.server().zone();
    }

    @Override
    public String getState() {
        return snapshot.state().name();
    }

    @Override
    public List<String> getCauses() {
        return snapshot.causes().stream().sorted().map(HealthCause::name).toList();
    }

    @Override
    public String getDetail() {
        return snapshot.detail();
    }

    @Override
    public String getUntil() {
        return text(snapshot.until());
    }

    @Override
    public double getWeight() {
        return snapshot.weight();
    }

    @Override
    public double getConfiguredWeight() {
        return snapshot.configuredWeight();
    }

    @Override
    public int getInFlight() {
        return snapshot.inFlight();
    }

    @Override
    public long getPicks() {
        return snapshot.picks();
    }

    @Override
    public long getFailures() {
        return snapshot.failures();
    }

    @Override
    public double getShare() {
        return snapshot.share();
    }

    @Override
    public double getLatencyMillis() {
        return snapshot.latencyNanos() / 1e6;
    }

    @Override
    public double getFailureRate() {
        return snapshot.failureRate();
    }

    @Override
    public String getOperatorAction() {
        Operator.Setting setting = snapshot.operator();
        return setting == null ? "" : text(setting.action());
    }

    @Override
    public String getOperatorBy() {
        Operator.Setting setting = snapshot.operator();
        return setting == null ? "" : setting.by();
    }

    @Override
    public String getOperatorAt() {
        Operator.Setting setting = snapshot.operator();
        return setting == null ? "" : text(setting.at());
    }
}
