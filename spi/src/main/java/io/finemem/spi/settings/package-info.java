/**
 * The configuration of one plug-in: flat keys and texts, read with bounds, refused with a line that says what to do.
 */
@NullMarked
package io.finemem.spi.settings;

import org.jspecify.annotations.NullMarked;
