@NullMarked
package io.finemem.runtime.doctor;

import org.jspecify.annotations.NullMarked;
