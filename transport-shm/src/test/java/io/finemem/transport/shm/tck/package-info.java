/** Proof that the contract tests can fail: this transport with deliberate faults, each of which they must find. */
@NullMarked
package io.finemem.transport.shm.tck;

import org.jspecify.annotations.NullMarked;
