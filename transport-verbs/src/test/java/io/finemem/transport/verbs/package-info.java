@NullMarked
package io.finemem.transport.verbs;

import org.jspecify.annotations.NullMarked;
