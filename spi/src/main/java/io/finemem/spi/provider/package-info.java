/** What the kinds of plug-ins have in common: a name, a version, and how they are found. */
@NullMarked
package io.finemem.spi.provider;

import org.jspecify.annotations.NullMarked;
