package io.lbclient.health;

import io.lbclient.Operator;
import io.lbclient.ServerPool;
import io.lbclient.internal.Checks;
import java.time.Duration;
import java.util.List;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/** The MBean of one pool, with words for the people who see it in a JMX console. */
final class JmxPool extends StandardMBean implements ServerPoolMXBean {
    private final ServerPool pool;
    private volatile boolean registered = true;

    JmxPool(ServerPool pool) {
        super(ServerPoolMXBean.class, true);
        this.pool = pool;
    }

    @Override
    public String getPool() {
        return pool.name();
    }

    @Override
    public int getEligible() {
        return pool.snapshot().eligible();
    }

    @Override
    public double getListAgeSeconds() {
        Duration age = pool.snapshot().listAge();
        return age == null ? -1 : age.toMillis() / 1e3;
    }

    @Override
    public List<ServerFigures> getServers() {
        return pool.snapshot().servers().stream()
                .<ServerFigures>map(JmxServerFigures::new)
                .toList();
    }

    @Override
    public void drain(String server) {
        caller(server).drain(server);
    }

    @Override
    public void disable(String server) {
        caller(server).disable(server);
    }

    @Override
    public void enable(String server) {
        caller(server).enable(server);
    }

    @Override
    public void setWeight(String server, double weight) {
        caller(server).weight(server, weight);
    }

    @Override
    public void clear(String server) {
        caller(server).clear(server);
    }

    /** A console sends null for a field that was left empty. */
    private Operator caller(@Nullable String server) {
        if (server == null) {
            throw Checks.rejected("server", "null", "the id of a server of " + pool.name());
        }
        return pool.operator(JmxCaller.name());
    }

    boolean registered() {
        return registered;
    }

    @Override
    public void postDeregister() {
        registered = false;
    }

    @Override
    protected String getDescription(MBeanInfo info) {
        return "The servers of the pool " + pool.name() + ", and an operator's word on them";
    }

    @Override
    protected String getDescription(MBeanAttributeInfo attribute) {
        return switch (attribute.getName()) {
            case "Pool" -> "The pool's name";
            case "Eligible" -> "How many servers are picked in the ordinary way";
            case "ListAgeSeconds" -> "Since when the discovery has not said which servers there are; -1 without one";
            default -> "All servers with state, causes, until when, weight and figures";
        };
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation) {
        return switch (operation.getName()) {
            case "drain" -> "Lets a server finish what it has and gives it nothing new";
            case "disable" -> "Gives a server nothing new";
            case "enable" -> "Has a server picked whatever the detectors think of it";
            case "setWeight" -> "Gives a server another weight than the configured one";
            default -> "Takes back whatever an operator set on a server";
        };
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation, MBeanParameterInfo parameter, int sequence) {
        return sequence == 0 ? "The server's id" : "Finite and at least 0";
    }

    @Override
    protected String getParameterName(MBeanOperationInfo operation, MBeanParameterInfo parameter, int sequence) {
        return sequence == 0 ? "server" : "weight";
    }
}
