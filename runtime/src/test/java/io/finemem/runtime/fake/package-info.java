/** Bases for memories that tests make up. */
@NullMarked
package io.finemem.runtime.fake;

import org.jspecify.annotations.NullMarked;
