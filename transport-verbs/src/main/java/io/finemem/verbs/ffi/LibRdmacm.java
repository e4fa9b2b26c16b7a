package io.finemem.verbs.ffi;

/**
 * The functions of librdmacm that are used, by name. Pointers are {@code long}; results follow C: 0 or a pointer for success,
 * -1 or 0 with {@code errno} for failure.
 *
 * <p><b>Thread-safety.</b> librdmacm is thread-safe, but an id must not be used while or after it is destroyed.
 */
public interface LibRdmacm {
    /** Connected, reliable service, ports as with TCP. */
    int RDMA_PS_TCP = 0x0106;

    /** New event channel, or 0. */
    long rdma_create_event_channel();

    /** Releases a channel; its ids must have been destroyed. */
    void rdma_destroy_event_channel(long channel);

    /** New id on {@code channel}, stored at {@code idOut} (8 bytes). */
    int rdma_create_id(long channel, long idOut, long context, int portSpace);

    /** Cancels what is under way and releases the id; waits until all its events are acknowledged. */
    int rdma_destroy_id(long id);

    /** Binds to a local {@code struct sockaddr}. */
    int rdma_bind_addr(long id, long sockaddr);

    /** Listens at the bound address. */
    int rdma_listen(long id, int backlog);

    /** Starts ADDR_RESOLVED; {@code source} may be 0. */
    int rdma_resolve_addr(long id, long source, long destination, int timeoutMillis);

    /** Starts ROUTE_RESOLVED. */
    int rdma_resolve_route(long id, int timeoutMillis);

    /** Makes the id's queue pair from a {@code struct ibv_qp_init_attr}; see {@link RdmaIdFields#queuePair}. */
    int rdma_create_qp(long id, long pd, long initAttr);

    /** Destroys the id's queue pair. */
    void rdma_destroy_qp(long id);

    /** Active side: starts ESTABLISHED or REJECTED or UNREACHABLE; see {@link RdmaConnectionFields}. */
    int rdma_connect(long id, long connParam);

    /** Passive side: answers CONNECT_REQUEST. */
    int rdma_accept(long id, long connParam);

    /** Passive side: refuses CONNECT_REQUEST; the peer sees REJECTED with the private data. */
    int rdma_reject(long id, long privateData, byte privateDataLength);

    /** Moves the queue pair to ERROR and tells the peer. */
    int rdma_disconnect(long id);

    /** Releases an id together with its queue pair. */
    void rdma_destroy_ep(long id);

    /** Takes the next event, stored at {@code eventOut} (8 bytes); see {@link RdmaEventFields}. */
    int rdma_get_cm_event(long channel, long eventOut);

    /** Releases an event and all memory it points to. */
    int rdma_ack_cm_event(long event);

    /** Name of an event type. */
    String rdma_event_str(int event);
}
