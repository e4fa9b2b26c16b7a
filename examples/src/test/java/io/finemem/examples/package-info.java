/** The examples do what they say. */
@NullMarked
package io.finemem.examples;

import org.jspecify.annotations.NullMarked;
