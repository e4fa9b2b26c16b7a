package io.finemem.verbs.ffi;

/**
 * Functions that libibverbs exports by name. The inline ones of {@code verbs.h} (post, poll, windows) are behind the
 * device's pointers: {@link DeviceOperations}.
 *
 * <p>Functions that return a pointer return 0 and set {@link Errno#last()} on failure; the others return 0 or an error
 * number (a few: -1 and {@link Errno#last()}).
 */
public interface LibIbverbs {
    /**
     * Zero-terminated array of {@code ibv_device*}; the number of devices is stored at {@code countAddress} unless it
     * is 0.
     */
    long ibv_get_device_list(long countAddress);

    /** Frees the array; devices that are open stay open. */
    void ibv_free_device_list(long list);

    /** Kernel name, such as {@code mlx5_0}. */
    String ibv_get_device_name(long device);

    /** An {@code ibv_context*}. */
    long ibv_open_device(long device);

    /** Closes a context, which must hold nothing any more. */
    int ibv_close_device(long context);

    /** Fills {@link DeviceAttributes}. */
    int ibv_query_device(long context, long deviceAttributes);

    /** Fills {@link PortAttributes}. */
    int ibv_query_port(long context, byte port, long portAttributes);

    /** Fills 16 bytes. */
    int ibv_query_gid(long context, byte port, int index, long gid);

    /** An {@code ibv_pd*}. */
    long ibv_alloc_pd(long context);

    /** Releases a domain; EBUSY while it holds anything. */
    int ibv_dealloc_pd(long pd);

    /** An {@code ibv_mr*}; length is 64 bits wide. */
    long ibv_reg_mr(long pd, long address, long length, int access);

    /** Ends a registration; EINVAL while a window is bound to it. */
    int ibv_dereg_mr(long mr);

    /** An {@code ibv_comp_channel*}. */
    long ibv_create_comp_channel(long context);

    /** Destroys a channel; EBUSY while a completion queue uses it. */
    int ibv_destroy_comp_channel(long channel);

    /** An {@code ibv_cq*} for at least {@code entries} completions; {@code channel} may be 0. */
    long ibv_create_cq(long context, int entries, long cqContext, long channel, int completionVector);

    /** Destroys a completion queue; EBUSY while a queue pair uses it. */
    int ibv_destroy_cq(long cq);

    /** Waits for a completion event; stores {@code ibv_cq*} and its context. -1 and errno on failure. */
    int ibv_get_cq_event(long channel, long cqAddress, long cqContextAddress);

    /** Acknowledges completion events. */
    void ibv_ack_cq_events(long cq, int count);

    /** An {@code ibv_qp*} made by {@link QpInitAttributes}, whose capacities become the real ones. */
    long ibv_create_qp(long pd, long qpInitAttributes);

    /** Changes what the mask names to the values of {@link QpAttributes}. */
    int ibv_modify_qp(long qp, long qpAttributes, int mask);

    /** Fills {@link QpAttributes} and {@link QpInitAttributes}. */
    int ibv_query_qp(long qp, long qpAttributes, int mask, long qpInitAttributes);

    /** Destroys a queue pair; nothing of it executes afterwards. */
    int ibv_destroy_qp(long qp);

    /** Text of a {@link WorkCompletion} status. */
    String ibv_wc_status_str(int status);

    /** Waits for an asynchronous event. -1 and errno on failure. */
    int ibv_get_async_event(long context, long event);

    /** Acknowledges an asynchronous event. */
    void ibv_ack_async_event(long event);
}
