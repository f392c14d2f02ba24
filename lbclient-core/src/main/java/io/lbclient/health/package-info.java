/**
 * Who judges the servers of a pool: outlier detection, circuit breaking, active checks and slow start. Each is a {@link
 * io.lbclient.HealthMonitor} for {@link io.lbclient.ServerPoolBuilder#healthMonitors}, and they may be combined.
 */
@NullMarked
package io.lbclient.health;

import org.jspecify.annotations.NullMarked;
