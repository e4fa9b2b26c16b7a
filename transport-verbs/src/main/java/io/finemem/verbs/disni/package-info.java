/**
 * DiSNI's API on libibverbs and librdmacm through jnr-ffi: {@link io.finemem.verbs.disni.JnrRdmaProvider#install} and the
 * endpoint groups, ids, queue pairs and stateful verb calls of {@code com.ibm.disni} work without {@code libdisni.so}.
 * {@link io.finemem.verbs.disni.VerbsExtensions} holds what DiSNI lacks.
 */
@NullMarked
package io.finemem.verbs.disni;

import org.jspecify.annotations.NullMarked;
