/**
 * Stickiness: the requests of one session go to one server. {@link io.lbclient.session.SessionAffinity} is the door;
 * {@link io.lbclient.session.AffinityStore} is where learned sessions are remembered, and an application can implement it.
 */
@NullMarked
package io.lbclient.session;

import org.jspecify.annotations.NullMarked;
