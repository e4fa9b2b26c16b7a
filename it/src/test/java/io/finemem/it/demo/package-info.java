/** The demonstration as people run it: real processes, exit codes, what is left behind. */
@NullMarked
package io.finemem.it.demo;

import org.jspecify.annotations.NullMarked;
