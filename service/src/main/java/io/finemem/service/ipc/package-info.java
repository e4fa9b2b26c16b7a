/**
 * What both sides of the allocation service's inter-process communication share: the layout of a segment, the frames of the
 * socket, and the system calls that the JDK does not have. Nothing here trusts the other side, and nothing decides anything.
 */
@NullMarked
package io.finemem.service.ipc;

import org.jspecify.annotations.NullMarked;
