/**
 * The transport of real RDMA devices: chains become linked work requests in native memory, posted and polled through
 * the device's own functions, without garbage and without locks.
 *
 * <p>Control path (device, domains, queue pairs, regions, windows) and data path are apart:
 * <pre>
 *  VerbsProvider -> RdmaDevices, EndpointChoice      which device, port and GID (reads /sys only)
 *  VerbsTransport -> VerbsDevice                     the open device, what it can do
 *    VerbsDomain -> ScratchMemory                    registered words for results
 *      VerbsRegion, VerbsWindow
 *      VerbsConnection -> QueuePair, WorkQueue       control, and the ring of work requests
 *        VerbsChain                                  what to post; heap arrays, no native memory of its own
 * </pre>
 */
@NullMarked
package io.finemem.transport.verbs;

import org.jspecify.annotations.NullMarked;
