package io.finemem.service.ipc;

/**
 * The segment that an application and its service share: a header, then mailboxes. All numbers are little-endian.
 *
 * <pre>
 *   byte 0        magic (8) | version (4) | mailboxes (4)                        written once by the service
 *   byte 64       asleep (4)       1 while the service does not look at mailboxes and wants a bell: written by the service
 *   byte 4096     mailbox 0
 *   then          mailbox 1, ...
 *
 *   mailbox
 *   byte 0        request sequence (4) | opcode (4) | count (4) | waiting (4) | argument (8)      written by the client
 *   byte 64       response sequence (4) | code (4) | count (4)                                     written by the service
 *   byte 128      request words, 64 of 8 bytes                                                    written by the client
 *   byte 640      response records, 64 of 32 bytes; or text of an error                            written by the service
 *
 *   response record of a block
 *   byte 0        handle (8) | address (8) | chunks (4) | rkey (4) | memory node (4) | generation (4)
 * </pre>
 *
 * <p>A request is published by its sequence, one more than the one before, and answered when the response sequence equals it;
 * both start at 0. Bit 31 of a record's memory node says that the rkeys of its sections differ and are asked for by {@link
 * Opcode#KEYS}.
 */
public final class SegmentLayout {
    /** Version of this layout and of the {@linkplain Frame frames}. */
    public static final int VERSION = 3;
    /** Most mailboxes of a segment. */
    public static final int MAX_MAILBOXES = 64;
    /** Most blocks of one request. */
    public static final int MAX_BATCH = 64;

    static final long MAGIC = 0x4745_5343_5049_4d46L; // "FMIPCSEG"

    static final int LINE_BYTES = 64;
    static final int HEADER_BYTES = 4096;

    static final int MAGIC_AT = 0;
    static final int VERSION_AT = MAGIC_AT + Long.BYTES;
    static final int MAILBOXES_AT = VERSION_AT + Integer.BYTES;
    static final int ASLEEP_AT = LINE_BYTES;

    static final int REQUEST_SEQUENCE = 0;
    static final int OPCODE = REQUEST_SEQUENCE + Integer.BYTES;
    static final int REQUEST_COUNT = OPCODE + Integer.BYTES;
    static final int WAITING = REQUEST_COUNT + Integer.BYTES;
    static final int ARGUMENT = WAITING + Integer.BYTES;

    static final int RESPONSE_SEQUENCE = LINE_BYTES;
    static final int CODE = RESPONSE_SEQUENCE + Integer.BYTES;
    static final int RESPONSE_COUNT = CODE + Integer.BYTES;

    static final int REQUEST_WORDS = 2 * LINE_BYTES;
    static final int RECORDS = REQUEST_WORDS + MAX_BATCH * Long.BYTES;
    static final int RECORD_BYTES = 32;
    static final int RECORDS_BYTES = MAX_BATCH * RECORD_BYTES;

    static final int RECORD_HANDLE = 0;
    static final int RECORD_ADDRESS = RECORD_HANDLE + Long.BYTES;
    static final int RECORD_CHUNKS = RECORD_ADDRESS + Long.BYTES;
    static final int RECORD_RKEY = RECORD_CHUNKS + Integer.BYTES;
    static final int RECORD_NODE = RECORD_RKEY + Integer.BYTES;
    static final int RECORD_GENERATION = RECORD_NODE + Integer.BYTES;

    /** Set in a record's memory node if each section has an rkey of its own. */
    static final int KEYS_DIFFER = 1 << 31;

    /** Most rkeys in one answer to {@link Opcode#KEYS}. */
    public static final int MAX_KEYS = RECORDS_BYTES / Integer.BYTES;

    /** Longest text of an error in bytes. */
    public static final int MAX_TEXT = RECORDS_BYTES;

    static final int MAILBOX_BYTES = RECORDS + RECORDS_BYTES;

    private SegmentLayout() {}

    /** Bytes of a segment. */
    public static int bytes(int mailboxes) {
        return HEADER_BYTES + mailboxes * MAILBOX_BYTES;
    }

    static int mailboxAt(int index) {
        return HEADER_BYTES + index * MAILBOX_BYTES;
    }
}
