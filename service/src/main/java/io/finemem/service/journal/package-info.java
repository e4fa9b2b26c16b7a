/**
 * The service's own record of its sessions, in a file that a process which is killed leaves consistent: which sessions there are,
 * which blocks and data connections are whose, which call was carried out last. It decides nothing.
 */
@NullMarked
package io.finemem.service.journal;

import org.jspecify.annotations.NullMarked;
