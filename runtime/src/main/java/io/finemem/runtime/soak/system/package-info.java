/**
 * A whole system of real processes under load and faults: memory nodes, allocation services, applications; at the end every
 * chunk is accounted for. The daemons are those that operators start.
 */
@NullMarked
package io.finemem.runtime.soak.system;

import org.jspecify.annotations.NullMarked;
