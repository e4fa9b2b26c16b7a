/**
 * The kill loop: owner processes allocate, write, check and free at random; some are killed, some are stopped for longer
 * than their lease, and what they held has to come back, all of it and only once.
 */
@NullMarked
package io.finemem.runtime.soak;

import org.jspecify.annotations.NullMarked;
