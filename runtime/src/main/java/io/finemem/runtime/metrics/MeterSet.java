package io.finemem.runtime.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Meters that are registered together and removed together. Registering is for one thread. */
final class MeterSet implements AutoCloseable {
    private static final Duration[] BOUNDS = {
        Duration.ofNanos(1_000),
        Duration.ofNanos(2_000),
        Duration.ofNanos(5_000),
        Duration.ofNanos(10_000),
        Duration.ofNanos(20_000),
        Duration.ofNanos(50_000),
        Duration.ofNanos(100_000),
        Duration.ofNanos(200_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final Tags common;
    private final List<Meter> meters = new ArrayList<>();
    /** Micrometer refers to them weakly. */
    private final List<Object> kept = new ArrayList<>();

    private final List<MultiGauge> tables = new ArrayList<>();

    MeterSet(MeterRegistry registry, Tags common) {
        this.registry = registry;
        this.common = common;
    }

    void gauge(MeterName name, DoubleSupplier value, String... tags) {
        meters.add(Gauge.builder(name.meter(), value::getAsDouble)
                .description(name.description())
                .baseUnit(unit(name))
                .tags(common.and(tags))
                .strongReference(true)
                .register(registry));
    }

    void counter(MeterName name, LongSupplier value, String... tags) {
        kept.add(value);
        meters.add(FunctionCounter.builder(name.meter(), value, LongSupplier::getAsLong)
                .description(name.description())
                .baseUnit(unit(name))
                .tags(common.and(tags))
                .register(registry));
    }

    void timer(MeterName name, LongSupplier count, LongSupplier nanos, String... tags) {
        kept.add(count);
        meters.add(FunctionTimer.builder(
                        name.meter(), count, LongSupplier::getAsLong, times -> nanos.getAsLong(), TimeUnit.NANOSECONDS)
                .description(name.description())
                .tags(common.and(tags))
                .register(registry));
    }

    /** A timer that is recorded to, with buckets. */
    synchronized Timer latency(MeterName name, String... tags) {
        Timer timer = Timer.builder(name.meter())
                .description(name.description())
                .tags(common.and(tags))
                .serviceLevelObjectives(BOUNDS)
                .register(registry);
        meters.add(timer);
        return timer;
    }

    /** A gauge whose rows come and go. */
    MultiGauge table(MeterName name) {
        MultiGauge table = MultiGauge.builder(name.meter())
                .description(name.description())
                .baseUnit(unit(name))
                .tags(common)
                .register(registry);
        tables.add(table);
        return table;
    }

    static MultiGauge.Row<?> row(double value, Tag... tags) {
        return MultiGauge.Row.of(Tags.of(tags), value);
    }

    private static @Nullable String unit(MeterName name) {
        return name.unit().isEmpty() ? null : name.unit();
    }

    /** Removes the meters from the registry. */
    @Override
    public synchronized void close() {
        tables.forEach(table -> table.register(List.of(), true));
        meters.forEach(registry::remove);
        meters.clear();
    }
}
