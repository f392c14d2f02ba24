/**
 * Routing by what a request says: a {@link io.lbclient.routing.Router} goes through ordered rules on method, host, path,
 * query, header, cookie, claim or tag, and the first that matches names the pool.
 *
 * <p>Rules are data: a {@link io.lbclient.routing.RuleSet} is built in code, printed, and replaced as a whole while requests
 * are routed. {@code docs/routing.md} has the guide, and how paths are brought into one form before anything is compared.
 */
@NullMarked
package io.lbclient.routing;

import org.jspecify.annotations.NullMarked;
