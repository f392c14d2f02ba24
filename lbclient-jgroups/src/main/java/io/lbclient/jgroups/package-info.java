/** Sessions that all instances of an application remember together; see {@link io.lbclient.jgroups.ReplicatedStore}. */
@NullMarked
package io.lbclient.jgroups;

import org.jspecify.annotations.NullMarked;
