/** What daemons and owners tell about themselves, against what the documents say. */
@NullMarked
package io.finemem.it.observability;

import org.jspecify.annotations.NullMarked;
