@NullMarked
package io.finemem.transport.rxe;

import org.jspecify.annotations.NullMarked;
