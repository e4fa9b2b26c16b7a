/** Owner processes that are killed and stopped under load, on every transport. */
@NullMarked
package io.finemem.it.soak;

import org.jspecify.annotations.NullMarked;
