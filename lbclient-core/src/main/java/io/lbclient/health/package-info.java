/**
 * Who judges the servers of a pool: outlier detection, circuit breaking, active checks and slow start; and {@link
 * io.lbclient.health.JmxOperator}, through which a person overrides them. Each monitor is a {@link
 * io.lbclient.HealthMonitor} for {@link io.lbclient.ServerPoolBuilder#healthMonitors}, and they may be combined.
 */
@NullMarked
package io.lbclient.health;

import org.jspecify.annotations.NullMarked;
