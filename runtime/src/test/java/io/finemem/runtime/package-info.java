@NullMarked
package io.finemem.runtime;

import org.jspecify.annotations.NullMarked;
