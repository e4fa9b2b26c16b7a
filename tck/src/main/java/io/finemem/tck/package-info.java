/**
 * Contract tests for transports, as an ordinary jar: a transport's build subclasses {@link
 * io.finemem.tck.TransportTck} and names its provider.
 *
 * <p>The contracts are nested classes of that one class, one per topic; each case quotes the rule of {@link
 * io.finemem.spi.transport} that it checks. What a transport declares not to have is asserted to fail as declared, so
 * that a change is noticed. A case that cannot run here prints why.
 */
@NullMarked
package io.finemem.tck;

import org.jspecify.annotations.NullMarked;
