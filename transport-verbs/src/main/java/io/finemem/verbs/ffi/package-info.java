/**
 * libibverbs and libc as the machine has them, through jnr-ffi: functions by name, functions behind a device's
 * pointers, and the structures that they take, as static accessors on addresses. No C code, no policy: what a call
 * means is decided above.
 *
 * <p>Every pointer is a {@code long}. A structure is a final class without instances whose offsets follow from the
 * widths of the fields before (LP64, little-endian; x86-64 and aarch64 agree). Nothing here checks an address: a wrong
 * one ends the process.
 */
@NullMarked
package io.finemem.verbs.ffi;

import org.jspecify.annotations.NullMarked;
