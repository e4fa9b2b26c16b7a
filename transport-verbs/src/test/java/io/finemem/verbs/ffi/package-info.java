@NullMarked
package io.finemem.verbs.ffi;

import org.jspecify.annotations.NullMarked;
