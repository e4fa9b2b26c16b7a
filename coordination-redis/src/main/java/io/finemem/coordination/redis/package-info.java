/**
 * The directory on Redis, through Jedis.
 *
 * <p>All state of one cluster lies under one prefix in one hash slot. Every transition is one Lua script that first
 * judges the leases by the server's clock; see {@code prelude.lua} for the layout. A {@link
 * io.finemem.coordination.redis.RedisCoordination} has a keeper thread (heartbeats, view, reconnect), a thread that is
 * subscribed to changes, so that the keeper looks at once, and a thread that calls listeners.
 */
@NullMarked
package io.finemem.coordination.redis;

import org.jspecify.annotations.NullMarked;
