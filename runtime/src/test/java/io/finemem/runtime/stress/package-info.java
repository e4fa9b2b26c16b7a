@NullMarked
package io.finemem.runtime.stress;

import org.jspecify.annotations.NullMarked;
