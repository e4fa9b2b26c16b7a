package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_device_attr}: limits of a device. What is used of it, with byte offsets:
 * <pre>
 *   0 fw_ver 64 | 64 node_guid 8 | 72 sys_image_guid 8 | 80 max_mr_size 8 | 88 page_size_cap 8 | 96 vendor_id 4
 *   100 vendor_part_id 4 | 104 hw_ver 4 | 108 max_qp 4 | 112 max_qp_wr 4 | 116 device_cap_flags 4 | 120 max_sge 4
 *   124 max_sge_rd 4 | 128 max_cq 4 | 132 max_cqe 4 | 136 max_mr 4 | 140 max_pd 4 | 144 max_qp_rd_atom 4
 *   148 max_ee_rd_atom 4 | 152 max_res_rd_atom 4 | 156 max_qp_init_rd_atom 4 | 160 max_ee_init_rd_atom 4
 *   164 atomic_cap 4 | 168 max_ee 4 | 172 max_rdd 4 | 176 max_mw 4 | ... 232
 * </pre>
 */
public final class DeviceAttributes {
    /** Size of the structure. */
    public static final int BYTES = 232;
    /** {@link #atomicCapability}: none. */
    public static final int ATOMIC_NONE = 0;
    /** {@link #atomicCapability}: atomic among all queue pairs of the device. */
    public static final int ATOMIC_DEVICE = 1;
    /** {@link #atomicCapability}: atomic also to the CPU and other devices. */
    public static final int ATOMIC_GLOBAL = 2;
    /** Bit of {@link #capabilityFlags}: type 1 memory windows. */
    public static final int CAPABILITY_MEMORY_WINDOW = 1 << 17;

    private static final int FIRMWARE_BYTES = 64;
    private static final int FIRMWARE = 0;
    private static final int NODE_GUID = FIRMWARE + FIRMWARE_BYTES;
    private static final int SYSTEM_GUID = NODE_GUID + Long.BYTES;
    private static final int MAX_MR_SIZE = SYSTEM_GUID + Long.BYTES;
    private static final int PAGE_SIZES = MAX_MR_SIZE + Long.BYTES;
    private static final int VENDOR = PAGE_SIZES + Long.BYTES;
    private static final int VENDOR_PART = VENDOR + Integer.BYTES;
    private static final int HARDWARE_VERSION = VENDOR_PART + Integer.BYTES;
    private static final int MAX_QP = HARDWARE_VERSION + Integer.BYTES;
    private static final int MAX_QP_REQUESTS = MAX_QP + Integer.BYTES;
    private static final int CAPABILITY_FLAGS = MAX_QP_REQUESTS + Integer.BYTES;
    private static final int MAX_ENTRIES = CAPABILITY_FLAGS + Integer.BYTES;
    private static final int MAX_READ_ENTRIES = MAX_ENTRIES + Integer.BYTES;
    private static final int MAX_CQ = MAX_READ_ENTRIES + Integer.BYTES;
    private static final int MAX_CQ_ENTRIES = MAX_CQ + Integer.BYTES;
    private static final int MAX_MR = MAX_CQ_ENTRIES + Integer.BYTES;
    private static final int MAX_PD = MAX_MR + Integer.BYTES;
    private static final int MAX_READS_IN = MAX_PD + Integer.BYTES;
    private static final int MAX_EE_READS_IN = MAX_READS_IN + Integer.BYTES;
    private static final int MAX_RESPONDER = MAX_EE_READS_IN + Integer.BYTES;
    private static final int MAX_READS_OUT = MAX_RESPONDER + Integer.BYTES;
    private static final int MAX_EE_READS_OUT = MAX_READS_OUT + Integer.BYTES;
    private static final int ATOMIC_CAPABILITY = MAX_EE_READS_OUT + Integer.BYTES;
    private static final int MAX_EE = ATOMIC_CAPABILITY + Integer.BYTES;
    private static final int MAX_RDD = MAX_EE + Integer.BYTES;
    private static final int MAX_WINDOWS = MAX_RDD + Integer.BYTES;

    private DeviceAttributes() {}

    /** Version of the firmware, often empty. */
    public static String firmware(long attributes) {
        return NativeMemory.getText(attributes + FIRMWARE);
    }

    /** Longest registration, unsigned: all ones means no limit. */
    public static long maxRegionBytes(long attributes) {
        return NativeMemory.getLong(attributes + MAX_MR_SIZE);
    }

    /** Queue pairs. */
    public static int maxQueuePairs(long attributes) {
        return NativeMemory.getInt(attributes + MAX_QP);
    }

    /** Requests of one queue. */
    public static int maxQueueRequests(long attributes) {
        return NativeMemory.getInt(attributes + MAX_QP_REQUESTS);
    }

    /** Bits such as {@link #CAPABILITY_MEMORY_WINDOW}. */
    public static int capabilityFlags(long attributes) {
        return NativeMemory.getInt(attributes + CAPABILITY_FLAGS);
    }

    /** Local ranges of one request. */
    public static int maxEntries(long attributes) {
        return NativeMemory.getInt(attributes + MAX_ENTRIES);
    }

    /** Entries of one completion queue. */
    public static int maxCompletionEntries(long attributes) {
        return NativeMemory.getInt(attributes + MAX_CQ_ENTRIES);
    }

    /** Registrations. */
    public static int maxRegions(long attributes) {
        return NativeMemory.getInt(attributes + MAX_MR);
    }

    /** READs and atomics that a queue pair serves at a time. */
    public static int maxReadsIn(long attributes) {
        return NativeMemory.getInt(attributes + MAX_READS_IN);
    }

    /** READs and atomics that a queue pair has under way at a time. */
    public static int maxReadsOut(long attributes) {
        return NativeMemory.getInt(attributes + MAX_READS_OUT);
    }

    /** {@link #ATOMIC_NONE}, {@link #ATOMIC_DEVICE} or {@link #ATOMIC_GLOBAL}. */
    public static int atomicCapability(long attributes) {
        return NativeMemory.getInt(attributes + ATOMIC_CAPABILITY);
    }

    /** Memory windows. */
    public static int maxWindows(long attributes) {
        return NativeMemory.getInt(attributes + MAX_WINDOWS);
    }
}
