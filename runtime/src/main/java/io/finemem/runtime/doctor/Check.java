package io.finemem.runtime.doctor;

import java.util.List;

/** Looks at one thing; throws nothing and changes nothing. */
@FunctionalInterface
interface Check {
    List<Finding> examine(Machine machine);
}
