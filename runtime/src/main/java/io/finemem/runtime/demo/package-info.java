/**
 * The demonstration: a memory node and two compute processes on this machine, which replay recorded allocations of real
 * programs, check every byte, and account for every chunk of the pool.
 *
 * <p>The parent process starts the others with this JVM's own flags and class path and talks to each through its
 * standard input and output, one JSON object per line. A child ends when its standard input ends, so none outlives its
 * parent.
 */
@NullMarked
package io.finemem.runtime.demo;

import org.jspecify.annotations.NullMarked;
