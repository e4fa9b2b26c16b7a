/** Allocation services as processes, with the applications that they outlive and that outlive them. */
@NullMarked
package io.finemem.it.service;

import org.jspecify.annotations.NullMarked;
