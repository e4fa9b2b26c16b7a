/** Meters of owners, memory nodes and services, in a registry of the user's choice. */
@NullMarked
package io.finemem.runtime.metrics;

import org.jspecify.annotations.NullMarked;
