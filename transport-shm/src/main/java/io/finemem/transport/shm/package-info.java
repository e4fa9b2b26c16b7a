/**
 * The embedded transport: one-sided operations on memory-mapped files, between processes of one host.
 *
 * <p>Every {@link io.finemem.transport.shm.ShmTransport} owns a small file, its <em>fabric</em> ({@link
 * io.finemem.transport.shm.FabricLayout}), and one file for each region that peers may use. A peer maps them and its own CPU
 * executes the chains; keys, domains, rights and bounds are checked in software when an element executes.
 *
 * <pre>
 *   finemem-PID-RANDOM       header | ends of connections | keys         locked while its process lives
 *   finemem-PID-RANDOM.7     the bytes of region 7, all of them committed
 * </pre>
 *
 * <p><b>Quiescence.</b> Each end has a sequence word in its own fabric, odd while the end executes elements on its peer. It
 * becomes odd by a compare-and-swap, and only then are the peer's state and keys looked at. Who fences a connection, or ends
 * a key, first stores that and then waits until every sequence word that was odd has changed: whatever enters later sees the
 * store. Sequence words of dead processes count as even. Beside the sequence an end names the rkey that it is at work with,
 * one at a time, so who ends a window waits only for those who use it. Nothing but its death takes a mapping from a process
 * that is stopped: one stopped in the middle of an element goes on with it when it is continued. Until then a fence of its
 * connection, and an end of the key that it is at work with, do not succeed; all others do.
 *
 * <p><b>Death.</b> A process is dead when the lock on its fabric can be had. The kernel drops the lock after the last thread
 * has left user mode, so nothing of a dead process executes; it is immune to reuse of process ids and works across pid
 * namespaces. A thread probes the locks of peers; the hot path reads a flag.
 */
@NullMarked
package io.finemem.transport.shm;

import org.jspecify.annotations.NullMarked;
