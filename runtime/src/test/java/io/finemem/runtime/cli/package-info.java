@NullMarked
package io.finemem.runtime.cli;

import org.jspecify.annotations.NullMarked;
