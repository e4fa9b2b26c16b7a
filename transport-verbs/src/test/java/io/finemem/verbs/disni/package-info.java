@NullMarked
package io.finemem.verbs.disni;

import org.jspecify.annotations.NullMarked;
