package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_port_attr}, the part that the exported function fills. 4-byte fields first:
 * <pre>
 *   0      4       8          12          16    20         24       28       32         34    36
 *  +------+-------+----------+-----------+-----+----------+--------+--------+----------+-----+------+
 *  |state |max_mtu|active_mtu|gid_tbl_len|caps |max_msg_sz|bad_pkey|bad_qkey|pkey_len 2|lid 2|sm_lid|
 *  +------+-------+----------+-----------+-----+----------+--------+--------+----------+-----+------+
 *   38    39       40      41        42     43      44      45      46           47     48
 *  +-----+--------+-------+---------+------+-------+-------+-------+------------+------+
 *  |lmc  |max_vl  |sm_sl  |timeout  |reply |width  |speed  |phys   |link_layer  |flags | one byte each
 *  +-----+--------+-------+---------+------+-------+-------+-------+------------+------+
 * </pre>
 */
public final class PortAttributes {
    /** Room that is safe for newer versions of the structure too. */
    public static final int BYTES = 64;
    /** State: carries traffic. */
    public static final int STATE_ACTIVE = 4;
    /** Link layer: InfiniBand. */
    public static final int LINK_INFINIBAND = 1;
    /** Link layer: Ethernet, that is RoCE. */
    public static final int LINK_ETHERNET = 2;

    private static final int STATE = 0;
    private static final int MAX_MTU = STATE + Integer.BYTES;
    private static final int ACTIVE_MTU = MAX_MTU + Integer.BYTES;
    private static final int GID_TABLE = ACTIVE_MTU + Integer.BYTES;
    private static final int CAPABILITIES = GID_TABLE + Integer.BYTES;
    private static final int MAX_MESSAGE = CAPABILITIES + Integer.BYTES;
    private static final int BAD_PKEYS = MAX_MESSAGE + Integer.BYTES;
    private static final int BAD_QKEYS = BAD_PKEYS + Integer.BYTES;
    private static final int PKEY_TABLE = BAD_QKEYS + Integer.BYTES;
    private static final int LID = PKEY_TABLE + Short.BYTES;
    private static final int SUBNET_MANAGER_LID = LID + Short.BYTES;
    private static final int BYTE_FIELDS = SUBNET_MANAGER_LID + Short.BYTES;
    private static final int BYTE_FIELDS_BEFORE_LINK_LAYER = 8;
    private static final int LINK_LAYER = BYTE_FIELDS + BYTE_FIELDS_BEFORE_LINK_LAYER;

    private PortAttributes() {}

    /** {@link #STATE_ACTIVE} or another state. */
    public static int state(long attributes) {
        return NativeMemory.getInt(attributes + STATE);
    }

    /** MTU in use: 1 to 5 for 256 to 4096 bytes. */
    public static int activeMtu(long attributes) {
        return NativeMemory.getInt(attributes + ACTIVE_MTU);
    }

    /** Entries of the GID table. */
    public static int gidTableLength(long attributes) {
        return NativeMemory.getInt(attributes + GID_TABLE);
    }

    /** Longest message in bytes, unsigned. */
    public static int maxMessageBytes(long attributes) {
        return NativeMemory.getInt(attributes + MAX_MESSAGE);
    }

    /** Local identifier, unsigned; 0 on Ethernet. */
    public static int lid(long attributes) {
        return NativeMemory.getShort(attributes + LID) & 0xffff;
    }

    /** {@link #LINK_INFINIBAND} or {@link #LINK_ETHERNET}. */
    public static int linkLayer(long attributes) {
        return NativeMemory.getByte(attributes + LINK_LAYER);
    }
}
