/**
 * The allocation service: the one owner of a compute node, and a session for each application that reaches it.
 *
 * <pre>
 *   Gate             accepts, checks the peer, shakes hands                          one thread
 *   ServingThread    looks at the mailboxes of its sessions, sleeps on their sockets
 *   Courier          fetches ends of data connections from memory nodes, gives back what dead applications held
 * </pre>
 *
 * <p>A session belongs to one serving thread; its blocks are touched by that thread alone, and after its end by one courier.
 */
@NullMarked
package io.finemem.service.server;

import org.jspecify.annotations.NullMarked;
