/** The words on a memory node: one final class of static functions per bit-packed word, and where each word lies. */
@NullMarked
package io.finemem.allocator.layout;

import org.jspecify.annotations.NullMarked;
