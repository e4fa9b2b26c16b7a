/** Remote memory through the allocation service of this machine, for applications that hold no metadata key. */
@NullMarked
package io.finemem.service.client;

import org.jspecify.annotations.NullMarked;
