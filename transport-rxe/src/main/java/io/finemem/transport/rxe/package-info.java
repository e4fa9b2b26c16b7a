/**
 * The transport of soft-RoCE: finds an rxe device, or makes one where it may, and runs the verbs transport on it.
 *
 * <p>What soft-RoCE is and is not: everything of the verbs transport works, in software, over any Ethernet interface.
 * It does not enforce the bounds of memory windows: an rkey of a window opens the whole region below it.
 */
@NullMarked
package io.finemem.transport.rxe;

import org.jspecify.annotations.NullMarked;
