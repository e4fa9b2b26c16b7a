package io.finemem.runtime;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.runtime.config.Plugins;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/**
 * What a program may bring along, by the builder or by Guice.
 *
 * @param plugins those on the class path and those of the program
 * @param connector the way to the memory nodes
 * @param options how to allocate, instead of what the configuration says
 * @param meters where meters are registered; without it there are none
 */
record Extensions(
        Plugins plugins,
        ControlConnector connector,
        Optional<AllocatorOptions> options,
        Optional<MeterRegistry> meters) {}
