/**
 * One-sided operations on remote memory, as a transport implements them.
 *
 * <p>A {@link io.finemem.spi.transport.Transport} is one device. Its {@linkplain io.finemem.spi.transport.ProtectionDomain
 * protection domains} hold {@linkplain io.finemem.spi.transport.MemoryRegion memory regions},
 * {@linkplain io.finemem.spi.transport.MemoryWindow windows} on them and
 * {@linkplain io.finemem.spi.transport.Connection connections}. A {@link io.finemem.spi.transport.Chain} of READ, WRITE,
 * CAS and FETCH_ADD is posted on a connection with one doorbell and executed by the peer's device without its CPU.
 *
 * <p>Connections are made by exchanging two opaque descriptors over any channel that both sides trust: the transport
 * neither listens nor authenticates. That leaves identity, encryption and admission to the control channel above.
 *
 * <h2>Rules of every transport</h2>
 *
 * The contract tests quote these numbers.
 *
 * <ol>
 *   <li><b>R1 unit.</b> A chain is posted with one doorbell. Its elements are unconditional: a CAS that finds another value
 *       does not stop the chain.
 *   <li><b>R2 order.</b> On one connection, within and across chains, WRITE before WRITE, WRITE before atomic, atomic before
 *       atomic and WRITE before READ execute at the responder in posting order. Nothing else is promised: a READ may execute
 *       before or after an atomic beside it. Connections are not ordered to each other.
 *   <li><b>R3 atomicity.</b> CAS and FETCH_ADD of all connections of one responding device are atomic to each other. They
 *       are atomic to stores and read-modify-writes of the responder's CPU only where {@link
 *       io.finemem.spi.transport.Capabilities#cpuCoherentAtomics()} says so. An atomic executes at most once.
 *   <li><b>R4 words.</b> An aligned 8-byte WRITE, READ, CPU load or CPU store is never torn. Words are little-endian.
 *   <li><b>R5 completion.</b> A chain completes once, after its last element; {@code SUCCESS} means that all its elements
 *       executed at the responder, their effects are visible to it, and their results are in the initiator's memory.
 *       Chains of one connection complete in posting order.
 *   <li><b>R6 errors.</b> Any other status leaves unknown which elements executed. The connection is then in {@code ERROR}:
 *       every chain in flight and every later one ends {@code FLUSHED} or is refused. A new connection is needed; other
 *       connections are not affected.
 *   <li><b>R7 keys.</b> An access needs an rkey that is valid in the domain of the serving connection, allows the kind of
 *       access, and covers the addressed bytes: those of the region always, those of the window where {@link
 *       io.finemem.spi.transport.Capabilities#windowBoundsEnforced()}. Anything else is {@code REMOTE_ACCESS_ERROR} and
 *       changes no memory.
 *   <li><b>R8 windows.</b> A bind gives the window a new rkey and ends the old one; an invalidate ends it. Once the bind or
 *       invalidate has completed, nothing that carries the old rkey executes.
 *   <li><b>R9 fence.</b> After {@link io.finemem.spi.transport.Connection#fence} has returned, nothing that the peer posted
 *       on the connection executes, and all that executed before is visible to the local CPU.
 *   <li><b>R10 peers.</b> A peer that vanishes ends chains in flight with {@code PEER_UNREACHABLE} within the transport's
 *       retry time, or they complete if the transport does not need the peer's process. It never blocks anybody for ever.
 * </ol>
 */
@NullMarked
package io.finemem.spi.transport;

import org.jspecify.annotations.NullMarked;
