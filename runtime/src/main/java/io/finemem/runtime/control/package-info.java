/**
 * The control channel between processes: {@link io.finemem.allocator.control.MemoryNodeControl} over TCP,
 * authenticated and
 * encrypted by a pre-shared secret ({@code Noise_NNpsk0_25519_AESGCM_SHA256}), or by TLS 1.3 with certificates on both sides.
 *
 * <pre>{@code
 *   client                                           memory node
 *     | hello (8 bytes) + Noise message 1 (48) -------->  |   wrong secret is seen here
 *     | <-------- hello with status + Noise message 2 (48)|   the node proves that it knows the secret
 *     | {Hello peer name} ------------------------------> |   the client proves that it is not a replay: session begins
 *     | <------------------------------------- {Welcome}  |
 *     | {request} -------->            <------ {response} |   one call at a time; Ping when idle
 *     | {Bye} ------------>            <---------- {Done} |
 * }</pre>
 *
 * What stands in braces are encrypted frames of at most 32 KiB. Before the peer is authenticated the node reads 56 bytes, no
 * more.
 * Every read and write has a deadline, so a peer that is silent, slow or gone ends its session in bounded time.
 */
@NullMarked
package io.finemem.runtime.control;

import org.jspecify.annotations.NullMarked;
