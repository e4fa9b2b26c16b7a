/** The HTTP endpoint of daemons: metrics and health. */
@NullMarked
package io.finemem.runtime.http;

import org.jspecify.annotations.NullMarked;
