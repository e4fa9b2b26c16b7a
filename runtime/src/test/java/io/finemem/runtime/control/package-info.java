@NullMarked
package io.finemem.runtime.control;

import org.jspecify.annotations.NullMarked;
