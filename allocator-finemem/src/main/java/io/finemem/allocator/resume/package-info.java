/** What an owner keeps outside its process, so that its successor can go on with its blocks. */
@NullMarked
package io.finemem.allocator.resume;

import org.jspecify.annotations.NullMarked;
