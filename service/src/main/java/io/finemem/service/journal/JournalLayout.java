package io.finemem.service.journal;

import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.SegmentLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The journal's file: chunks of 256 pages of 4 KiB. All numbers are little-endian.
 *
 * <pre>
 *   chunk
 *   page 0        magic (8) | version (4) | number of the chunk (4); the magic is written last, a chunk without it is none
 *     byte 16     edition of the tickets in bits 63..16, how many in bits 15..0; of the first chunk
 *     byte 2048   a word per page of the chunk: kind in bits 63..56, session, edition or position in bits 55..0; 0: free
 *   page 1...     free, a ticket, a session, slots of a session, or memory nodes
 *
 *   ticket        position (4) | length (4) | bytes, which have a check of their own
 *
 *   session
 *   byte 0        id (8) | token (16) | uid (4) | length of the name (4) | name (64)
 *   byte 96       check of the bytes before (4)
 *   byte 128      committed group (8)
 *   byte 136      state (8): 0 open, 1 ended, 2 ended and fenced
 *   byte 256      per mailbox two entries: group (8) | sequence (4) | opcode (2) | count (2)
 *
 *   memory node, 256 bytes, 16 of them in a page of memory nodes; its number is its place in all those pages
 *   byte 0        check (4) | 1 (4); 0: none yet. Written last
 *   byte 8        boot nonce (8)
 *   byte 16       1 once all is lost that sessions held there (8)
 *   byte 24       length of the name (4) | name (228)
 *
 *   slot, 64 bytes, of a block or a data connection
 *   byte 0        check (4) | 1 (4); 0: empty. Written last, cleared first
 *   byte 8        handle: generation (4) | index (4), which says where in the session's pages it lies
 *   byte 16       group of the call that allocated it
 *   byte 24       boot nonce of its memory node (8)
 *   byte 32       units (8)                         or number of the connection at its memory node
 *   byte 40       owner id (4) | journal slot (4)   or number of the connection in the session
 *   byte 48       generation (4) | place in its call (4)
 *   byte 56       group of the call that frees it, 0: none; negative: of the call that keeps it, since its free had failed
 * </pre>
 *
 * <p>A session's calls that change something are numbered: a call's number is its <i>group</i>. What a call writes counts once
 * {@code committed} has reached its group, which is one store; until then slots with that group do not exist, and marks of it are
 * none. Of a mailbox's two entries the one with the greatest group that is committed says which request was carried out last.
 */
final class JournalLayout {
    static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final long MAGIC = 0x314c_4e52_4a4d_4653L; // "SFMJRNL1"
    static final int VERSION = 2;

    static final int PAGE_BYTES = 4096;
    static final int CHUNK_PAGES = 256;
    static final int CHUNK_BYTES = CHUNK_PAGES * PAGE_BYTES;

    static final int MAGIC_AT = 0;
    static final int VERSION_AT = MAGIC_AT + Long.BYTES;
    static final int CHUNK_AT = VERSION_AT + Integer.BYTES;
    static final int TICKETS_AT = CHUNK_AT + Integer.BYTES;
    static final int TICKETS_BITS = Short.SIZE;
    static final int MAP_AT = PAGE_BYTES - CHUNK_PAGES * Long.BYTES;

    static final int KIND_SHIFT = 56;
    static final int TICKET = 1;
    static final int SESSION = 2;
    static final int BLOCKS = 3;
    static final int CONNECTIONS = 4;
    static final int NODES = 5;
    static final long MAX_SESSION = (1L << KIND_SHIFT) - 1;

    static final int TICKET_POSITION_AT = 0;
    static final int TICKET_LENGTH_AT = TICKET_POSITION_AT + Integer.BYTES;
    static final int TICKET_BYTES_AT = TICKET_LENGTH_AT + Integer.BYTES;
    static final int MAX_TICKET_BYTES = PAGE_BYTES - TICKET_BYTES_AT;

    static final int ID_AT = 0;
    static final int TOKEN_AT = ID_AT + Long.BYTES;
    static final int UID_AT = TOKEN_AT + 2 * Long.BYTES;
    static final int NAME_LENGTH_AT = UID_AT + Integer.BYTES;
    static final int NAME_AT = NAME_LENGTH_AT + Integer.BYTES;
    static final int SESSION_CHECK_AT = NAME_AT + Frame.MAX_NAME;
    static final int COMMITTED_AT = 128;
    static final int STATE_AT = COMMITTED_AT + Long.BYTES;
    static final int ENTRIES_AT = 256;
    static final int ENTRY_BYTES = 16;
    static final int ENTRY_SEQUENCE = Long.BYTES;
    static final int ENTRY_WHAT = ENTRY_SEQUENCE + Integer.BYTES;

    static final int NODE_BYTES = 256;
    static final int NODES_OF_PAGE = PAGE_BYTES / NODE_BYTES;
    static final int NODE_NONCE = Long.BYTES;
    static final int NODE_LOST = NODE_NONCE + Long.BYTES;
    static final int NODE_NAME_LENGTH = NODE_LOST + Long.BYTES;
    static final int NODE_NAME = NODE_NAME_LENGTH + Integer.BYTES;
    static final int MAX_NODE_NAME = NODE_BYTES - NODE_NAME;

    static final int SLOT_BYTES = 64;
    static final int SLOTS = PAGE_BYTES / SLOT_BYTES;
    static final int SLOT_SHIFT = Integer.numberOfTrailingZeros(SLOTS);
    static final int HANDLE = 8;
    static final int GROUP = HANDLE + Long.BYTES;
    static final int NONCE = GROUP + Long.BYTES;
    static final int UNITS = NONCE + Long.BYTES;
    static final int OWNER = UNITS + Long.BYTES;
    static final int GENERATION = OWNER + Long.BYTES;
    static final int FREEING = GENERATION + Long.BYTES;

    static {
        if (SESSION_CHECK_AT + Integer.BYTES > COMMITTED_AT
                || ENTRIES_AT + 2 * ENTRY_BYTES * SegmentLayout.MAX_MAILBOXES > PAGE_BYTES
                || FREEING + Long.BYTES != SLOT_BYTES) {
            throw new ExceptionInInitializerError("the journal's layout does not fit its pages");
        }
    }

    private JournalLayout() {}

    static int entryAt(int mailbox, int half) {
        return ENTRIES_AT + (2 * mailbox + half) * ENTRY_BYTES;
    }

    /** Mixes another word into a check. */
    static long mix(long check, long word) {
        long mixed = (check ^ word) * 0x9e37_79b9_7f4a_7c15L;
        return mixed ^ mixed >>> 32;
    }
}
