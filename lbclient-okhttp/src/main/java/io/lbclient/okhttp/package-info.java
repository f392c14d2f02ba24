/**
 * Balances the calls of an OkHttp client over the servers of {@link io.lbclient.ServerPool}s: one interceptor, which
 * leaves the request's logical URL as it is.
 */
@NullMarked
package io.lbclient.okhttp;

import org.jspecify.annotations.NullMarked;
