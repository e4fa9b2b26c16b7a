/**
 * The configuration: {@code reference.conf} lists every key, one record per role holds the checked values. All
 * mistakes of a
 * configuration are reported at once, each with its key, its value, what is allowed and where it was written.
 */
@NullMarked
package io.finemem.runtime.config;

import org.jspecify.annotations.NullMarked;
