/** What this machine can do for FineMem, found out without changing anything, with a remedy for whatever is missing. */
@NullMarked
package io.finemem.runtime.doctor;

import org.jspecify.annotations.NullMarked;
