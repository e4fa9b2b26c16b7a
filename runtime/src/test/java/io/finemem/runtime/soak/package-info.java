@NullMarked
package io.finemem.runtime.soak;

import org.jspecify.annotations.NullMarked;
