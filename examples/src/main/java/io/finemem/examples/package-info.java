/** One program per idea. The build compiles and runs all of them. */
@NullMarked
package io.finemem.examples;

import org.jspecify.annotations.NullMarked;
