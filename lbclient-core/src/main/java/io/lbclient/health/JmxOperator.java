package io.lbclient.health;

import io.lbclient.ServerPool;
import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * A pool's place in JMX, where an operator sees its servers and drains, disables, enables or weighs them at run time.
 *
 * <pre>{@code
 * try (ServerPool orders = ServerPool.builder("orders").servers(...).build();
 *     JmxOperator jmx = JmxOperator.register(orders)) {
 *   ...
 * }
 * }</pre>
 *
 * <p>The MBean is {@code io.lbclient:type=ServerPool,name="orders"}, with the name {@linkplain ObjectName#quote quoted}, and
 * its interface {@link ServerPoolMXBean}. It is registered with the platform's MBean server; no port is opened. Whoever
 * may reach that server, which is for the application to decide, may use it. Safe for use by many threads.
 */
public final class JmxOperator implements AutoCloseable {
    private final MBeanServer server;
    private final ObjectName name;
    private final JmxPool bean;

    private JmxOperator(MBeanServer server, ObjectName name, JmxPool bean) {
        this.server = server;
        this.name = name;
        this.bean = bean;
    }

    /**
     * Registers a pool.
     *
     * @param pool the pool
     * @return the registration; close it before the pool
     * @throws IllegalStateException if a pool of that name is registered already, or the MBean server refuses
     */
    public static JmxOperator register(ServerPool pool) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        JmxPool bean = new JmxPool(pool);
        try {
            ObjectName name = new ObjectName("io.lbclient:type=ServerPool,name=" + ObjectName.quote(pool.name()));
            server.registerMBean(bean, name);
            return new JmxOperator(server, name, bean);
        } catch (InstanceAlreadyExistsException e) {
            throw new IllegalStateException(
                    pool.name() + ": a pool of this name is registered with JMX already (expected: another name, or the"
                            + " other registration closed)",
                    e);
        } catch (JMException e) {
            throw new IllegalStateException(pool.name() + ": the MBean server refused the pool: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the MBean's name.
     *
     * @return the text of an {@link ObjectName}
     */
    public String name() {
        return name.getCanonicalName();
    }

    /** Ends the registration; what was set stays. A second call does nothing. */
    @Override
    public void close() {
        // Somebody else may have ended it, and the name may be another pool's by now.
        if (!bean.registered()) {
            return;
        }
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            // Ended at this very moment by another thread.
        } catch (JMException e) {
            throw new IllegalStateException(name + ": the MBean server did not let go of it: " + e.getMessage(), e);
        }
    }
}
