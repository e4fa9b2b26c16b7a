/**
 * Allocation traces of real programs: their text form, the recorded ones, and the engine that replays one against
 * remote memory and checks every byte.
 */
@NullMarked
package io.finemem.runtime.trace;

import org.jspecify.annotations.NullMarked;
