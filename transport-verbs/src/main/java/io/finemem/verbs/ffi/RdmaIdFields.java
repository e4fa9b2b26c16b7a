package io.finemem.verbs.ffi;

/**
 * {@code struct rdma_cm_id}, made by librdmacm.
 *
 * <pre>
 *  0        8          16         24    32               160              288   344   348
 *  +--------+----------+----------+-----+----------------+----------------+-----+-----+-------+
 *  |verbs 8 |channel 8 |context 8 |qp 8 |src sockaddr 128|dst sockaddr 128|  .  |ps 4 |port 1 |...
 *  +--------+----------+----------+-----+----------------+----------------+-----+-----+-------+
 * </pre>
 */
public final class RdmaIdFields {
    private static final int CONTEXT = 0;
    private static final int CHANNEL = CONTEXT + Long.BYTES;
    private static final int USER_CONTEXT = CHANNEL + Long.BYTES;
    private static final int QUEUE_PAIR = USER_CONTEXT + Long.BYTES;
    private static final int SOURCE = QUEUE_PAIR + Long.BYTES;
    private static final int DESTINATION = SOURCE + SocketAddressFields.STORAGE_BYTES;
    private static final int ADDRESSES_END = DESTINATION + SocketAddressFields.STORAGE_BYTES;
    private static final int GIDS_AND_PKEY = 2 * QpAttributes.GID_BYTES + Long.BYTES;
    private static final int PATHS_AND_COUNT = Long.BYTES + Long.BYTES;
    private static final int PORT_SPACE = ADDRESSES_END + GIDS_AND_PKEY + PATHS_AND_COUNT;
    private static final int PORT = PORT_SPACE + Integer.BYTES;

    private RdmaIdFields() {}

    /** The {@code ibv_context*}, 0 until the id is bound to a device. */
    public static long context(long id) {
        return NativeMemory.getLong(id + CONTEXT);
    }

    /** The {@code ibv_qp*}, 0 for none. */
    public static long queuePair(long id) {
        return NativeMemory.getLong(id + QUEUE_PAIR);
    }

    /** Address of the local {@link SocketAddressFields}. */
    public static long source(long id) {
        return id + SOURCE;
    }

    /** Address of the peer's {@link SocketAddressFields}. */
    public static long destination(long id) {
        return id + DESTINATION;
    }

    /** Such as {@link LibRdmacm#RDMA_PS_TCP}. */
    public static int portSpace(long id) {
        return NativeMemory.getInt(id + PORT_SPACE);
    }

    /** Port of the device, from 1; 0 until the id is bound to a device. */
    public static byte port(long id) {
        return NativeMemory.getByte(id + PORT);
    }
}
