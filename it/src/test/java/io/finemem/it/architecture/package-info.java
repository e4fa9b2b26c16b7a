/** The rules between the modules, checked on their classes. */
@NullMarked
package io.finemem.it.architecture;

import org.jspecify.annotations.NullMarked;
