package io.finemem.transport.verbs;

import io.finemem.verbs.ffi.DeviceAttributes;
import io.finemem.verbs.ffi.PortAttributes;

/**
 * What a device and its port say of themselves.
 *
 * @param regionBytes longest registration
 * @param queueDepth elements of one queue pair that one completion queue can follow
 * @param readsIn READs and atomics that a queue pair serves at a time
 * @param readsOut READs and atomics that a queue pair has under way at a time
 * @param atomics whether there are atomics at all
 * @param cpuCoherentAtomics whether they are atomic to the CPU
 * @param windows memory windows, 0 if there are none
 * @param transferBytes longest message
 * @param activeMtu code 1 to 5
 * @param lid local identifier, 0 on Ethernet
 */
record DeviceLimits(
        long regionBytes,
        int queueDepth,
        int readsIn,
        int readsOut,
        boolean atomics,
        boolean cpuCoherentAtomics,
        int windows,
        long transferBytes,
        int activeMtu,
        int lid) {
    private static final long MAX_ENTRY_BYTES = 1L << 31;
    /**
     * Soft-RoCE says 8 MiB, but cuts any length into packets; 1 GiB stays below half of the packet numbers at any MTU.
     */
    private static final long SOFT_ROCE_BYTES = 1L << 30;

    private static final int MAX_READS = 255;

    /** From the structures that the library has filled. */
    static DeviceLimits of(long device, long port, boolean softRoce) {
        long transferBytes =
                Math.min(Integer.toUnsignedLong(PortAttributes.maxMessageBytes(port)), MAX_ENTRY_BYTES - 1);
        long regionBytes = DeviceAttributes.maxRegionBytes(device);
        int atomics = DeviceAttributes.atomicCapability(device);
        boolean windows = (DeviceAttributes.capabilityFlags(device) & DeviceAttributes.CAPABILITY_MEMORY_WINDOW) != 0;
        int depth = Math.min(DeviceAttributes.maxQueueRequests(device), DeviceAttributes.maxCompletionEntries(device));
        return new DeviceLimits(
                regionBytes < 0 ? Long.MAX_VALUE : regionBytes,
                Integer.highestOneBit(depth),
                Math.min(DeviceAttributes.maxReadsIn(device), MAX_READS),
                Math.min(DeviceAttributes.maxReadsOut(device), MAX_READS),
                atomics != DeviceAttributes.ATOMIC_NONE,
                atomics == DeviceAttributes.ATOMIC_GLOBAL,
                windows ? DeviceAttributes.maxWindows(device) : 0,
                softRoce ? SOFT_ROCE_BYTES : transferBytes,
                PortAttributes.activeMtu(port),
                PortAttributes.lid(port));
    }
}
