package io.finemem.transport.shm;

/**
 * Layout of the fabric file. All words are little-endian and aligned; sizes in bytes.
 *
 * <pre>
 *   0        header       4096
 *   4096     ends         maxConnections * 256, rounded up to 4096
 *   ...      keys         maxKeys * 64, committed as far as KEY_LIMIT says
 *
 *   header   0 magic | 8 version | 16 nonce | 24 pid | 32 maxConnections | 40 maxKeys | 128 key limit
 *            256 bytes of the path of the hugetlbfs, or 0 | 264 path, UTF-8, up to 1024 bytes
 *   end      0 incarnation (56), state (8) | 8 domain | 16 served rights | 24 incarnation of the peer
 *            128 sequence | 136 rkey at work
 *   key      0 rights (32), rkey (32) or 0 | 8 domain | 16 first address | 24 length
 *            32 id of the region | 40 first address of the region | 48 slot of the region | 56 latest rkey
 * </pre>
 *
 * The id of a region is a number, and bit 62 if its file is on the hugetlbfs.
 *
 * The sequence of an end and the rkey that it is at work with have a cache-line pair of their own: their owner writes them
 * for every chain, the peer reads the rest.
 */
final class FabricLayout {
    /** "FINEMSHM" in the order of the bytes. */
    static final long MAGIC = 0x4D48_534D_454E_4946L;

    static final long VERSION = 3;
    static final int PAGE_BYTES = 4096;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int NONCE_OFFSET = VERSION_OFFSET + Long.BYTES;
    static final int PID_OFFSET = NONCE_OFFSET + Long.BYTES;
    static final int MAX_CONNECTIONS_OFFSET = PID_OFFSET + Long.BYTES;
    static final int MAX_KEYS_OFFSET = MAX_CONNECTIONS_OFFSET + Long.BYTES;
    static final int KEY_LIMIT_OFFSET = 128;
    static final int HUGE_DIRECTORY_LENGTH_OFFSET = 256;
    static final int HUGE_DIRECTORY_OFFSET = HUGE_DIRECTORY_LENGTH_OFFSET + Long.BYTES;
    static final int MAX_HUGE_DIRECTORY_BYTES = 1024;
    static final int HEADER_BYTES = PAGE_BYTES;

    /** In the id of a region: its file is on the hugetlbfs. */
    static final long HUGE_REGION = 1L << 62;

    static final int END_STATE = 0;
    static final int END_DOMAIN = END_STATE + Long.BYTES;
    static final int END_RIGHTS = END_DOMAIN + Long.BYTES;
    static final int END_PEER = END_RIGHTS + Long.BYTES;
    static final int END_SEQUENCE = 128;
    static final int END_RKEY = END_SEQUENCE + Long.BYTES;
    static final int END_BYTES = 256;

    static final int KEY_WORD = 0;
    static final int KEY_DOMAIN = KEY_WORD + Long.BYTES;
    static final int KEY_ADDRESS = KEY_DOMAIN + Long.BYTES;
    static final int KEY_LENGTH = KEY_ADDRESS + Long.BYTES;
    static final int KEY_REGION_ID = KEY_LENGTH + Long.BYTES;
    static final int KEY_REGION_ADDRESS = KEY_REGION_ID + Long.BYTES;
    static final int KEY_REGION_SLOT = KEY_REGION_ADDRESS + Long.BYTES;
    static final int KEY_LATEST = KEY_REGION_SLOT + Long.BYTES;
    static final int KEY_BYTES = KEY_LATEST + Long.BYTES;

    static final int MAX_CONNECTIONS_LIMIT = 1 << 16;
    static final int MIN_KEYS = 1 << 10;
    static final int MAX_KEYS_LIMIT = 1 << 24;

    private FabricLayout() {}

    /** Bytes of header and ends. */
    static int tableBytes(int maxConnections) {
        int bytes = HEADER_BYTES + maxConnections * END_BYTES;
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    /** Byte index of an end in the table. */
    static int endAt(int slot) {
        return HEADER_BYTES + slot * END_BYTES;
    }

    /** Bytes of all keys. */
    static int keyBytes(int maxKeys) {
        return maxKeys * KEY_BYTES;
    }

    /** Byte index of a key in the table of keys. */
    static int keyAt(int slot) {
        return slot * KEY_BYTES;
    }

    /** Low bits of an rkey that change with every bind; the others are its slot. {@code maxKeys} is a power of two. */
    static int tagBits(int maxKeys) {
        return Integer.SIZE - Integer.numberOfTrailingZeros(maxKeys);
    }

    /** Word of a live key. */
    static long keyWord(int rkey, int rights) {
        return (long) rights << Integer.SIZE | Integer.toUnsignedLong(rkey);
    }

    static int rkey(long keyWord) {
        return (int) keyWord;
    }

    static int rights(long keyWord) {
        return (int) (keyWord >>> Integer.SIZE);
    }
}
