@NullMarked
package io.finemem.runtime.config;

import org.jspecify.annotations.NullMarked;
