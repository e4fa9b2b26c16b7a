/** The example transport against the basics of the contract tests. */
@NullMarked
package io.finemem.examples.transport;

import org.jspecify.annotations.NullMarked;
