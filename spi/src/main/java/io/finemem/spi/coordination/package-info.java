/**
 * The directory of a cluster: which memory nodes there are, which owners live, and barriers for experiments.
 *
 * <p>A {@link io.finemem.spi.coordination.Coordination} is one process's access to the directory, opened by a
 * {@link io.finemem.spi.coordination.CoordinationProvider}. It is a directory and never a lock: who holds which
 * memory is decided by words on the memory nodes, who may connect by the control channel. A lying or empty directory
 * can keep somebody from finding memory; it cannot give one owner's memory to another.
 *
 * <h2>Rules of every provider</h2>
 *
 * The contract tests quote these numbers.
 *
 * <ol>
 *   <li><b>C1 outage.</b> A directory that cannot be reached makes the object {@code DISCONNECTED}: the last view
 *       stays, its age is told, the object goes on trying, and re-registers what this process registered. Calls that
 *       need the directory end with {@link io.finemem.spi.coordination.CoordinationUnavailable} within the provider's
 *       time limit.
 *   <li><b>C2 kept facts.</b> {@code declareDead} and a memory node's change of state are kept while disconnected and
 *       told to the directory as soon as it is back.
 *   <li><b>C3 leases.</b> A registration lives while its process refreshes the lease, which the provider does by
 *       itself. The directory's clock judges it, never a client's; time during which the directory was down does not
 *       count.
 *   <li><b>C4 memory nodes.</b> A name has one living registration. The same name at the same address with another
 *       boot nonce is a restart and replaces it; at another address it is refused while the first one's lease lives.
 *   <li><b>C5 incarnations.</b> Each registration of an owner gets a number that is higher than every number given
 *       before, by anybody, also after the directory lost its data.
 *   <li><b>C6 death is final.</b> An owner whose lease ran out is {@code SUSPECT} and may come back. An owner that
 *       was declared dead, or left, never lives again, for any process, also after the directory lost its data.
 *   <li><b>C7 revisions.</b> Views have revisions. What one object shows never goes back to a lower one, and two
 *       objects that show the same revision show the same members, facts of C2 that the directory has not heard of
 *       yet excepted.
 *   <li><b>C8 events.</b> A listener is told a first view, then newer ones in order of revision, one call at a time.
 *       Views in between may be left out, the last one never is. What it throws is logged and stops nobody else.
 *   <li><b>C9 barriers.</b> Exactly the arrivals of one generation are let through together. Who timed out, was
 *       interrupted or vanished is not counted.
 *   <li><b>C10 features.</b> What a provider cannot do, it says in {@link
 *       io.finemem.spi.coordination.Coordination#features()}, and the calls end with {@link
 *       io.finemem.spi.coordination.CoordinationUnsupported}, at once and without effect.
 * </ol>
 */
@NullMarked
package io.finemem.spi.coordination;

import org.jspecify.annotations.NullMarked;
