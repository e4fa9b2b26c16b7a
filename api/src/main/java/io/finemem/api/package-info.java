/**
 * What an application sees of FineMem.
 *
 * <p>{@link io.finemem.api.RemoteMemory} allocates {@linkplain io.finemem.api.RemoteBlock blocks} of memory that lives on
 * memory nodes; reads, writes and atomics on a block are one-sided operations. Every failure is a
 * {@link io.finemem.api.FineMemException} with a stable {@link io.finemem.api.ErrorCode}.
 */
@NullMarked
package io.finemem.api;

import org.jspecify.annotations.NullMarked;
