package io.finemem.api;

/** What went wrong, in a form that programs and dashboards can rely on. Numbers never change their meaning. */
public enum ErrorCode {
    /** An argument is out of range, a handle is foreign, stale or freed. Nothing was changed. */
    INVALID_REQUEST(100, Category.USER),
    /** A configuration value is missing, unknown, malformed or out of range. */
    INVALID_CONFIGURATION(101, Category.USER),
    /** The object was closed before. */
    CLOSED(102, Category.USER),
    /** No memory node has a free run of the wanted size. */
    OUT_OF_REMOTE_MEMORY(200, Category.RESOURCES),
    /** A local resource is exhausted: locked memory, queue entries, windows, file space. */
    OUT_OF_LOCAL_RESOURCES(201, Category.RESOURCES),
    /** The application holds as much as the allocation service grants it. */
    QUOTA_EXCEEDED(202, Category.RESOURCES),
    /** No transport of the wanted name, or none that works on this machine. */
    TRANSPORT_UNAVAILABLE(300, Category.REMOTE),
    /** A connection failed; operations in flight may or may not have been executed. */
    CONNECTION_LOST(301, Category.REMOTE),
    /** A memory node does not answer. */
    MEMORY_NODE_LOST(302, Category.REMOTE),
    /** The memory node refused an rkey: it was revoked, never valid, or does not allow the access. */
    CAPABILITY_REVOKED(303, Category.REMOTE),
    /** This owner was declared dead and cut off; it must rejoin under a new id. */
    OWNER_FENCED(304, Category.REMOTE),
    /** The peer could not prove that it knows the shared secret. */
    AUTHENTICATION_FAILED(305, Category.REMOTE),
    /** An operation did not end within its time limit. */
    TIMEOUT(306, Category.REMOTE),
    /** The directory of memory nodes and owners cannot be reached; memory already in use is not affected. */
    COORDINATION_UNAVAILABLE(307, Category.REMOTE),
    /** The allocation service of this machine ended the session, stopped or died. */
    SERVICE_LOST(308, Category.REMOTE),
    /** The other side, or the metadata, does not follow the protocol or has another version. */
    PROTOCOL_VIOLATION(400, Category.INTERNAL);

    /** Who can do something about it. */
    public enum Category {
        /** The caller: fix the argument or the configuration. */
        USER,
        /** The operator: add memory or raise a limit. */
        RESOURCES,
        /** The network or the other side. */
        REMOTE,
        /** A defect or corrupted metadata. */
        INTERNAL
    }

    private final int number;
    private final Category category;

    ErrorCode(int number, Category category) {
        this.number = number;
        this.category = category;
    }

    /** Stable number. */
    public int number() {
        return number;
    }

    /** Who can do something about it. */
    public Category category() {
        return category;
    }
}
