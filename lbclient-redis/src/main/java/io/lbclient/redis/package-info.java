/** Sessions that all instances of an application remember in one Redis; see {@link io.lbclient.redis.RedisStore}. */
@NullMarked
package io.lbclient.redis;

import org.jspecify.annotations.NullMarked;
