package io.finemem.transport.shm;

import io.finemem.api.OutOfLocalResources;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.BitSet;

/**
 * The keys that this process gives out. An rkey is a slot and a tag:
 *
 * <pre>
 *   31                  tagBits 0
 *  +--------------------+-------+     slot  1 up to maxKeys - 1, so that no rkey is 0
 *  | slot               | tag   |     tag   next of a sequence of full period, secret start and step
 *  +--------------------+-------+
 * </pre>
 *
 * A slot takes all its tags before one comes back. Free slots are taken in turn, and the table grows while less than a
 * quarter of it is free, so the tag of a slot that was given back rests before it is seen again.
 *
 * <p><b>Thread-safety.</b> {@link #take} and {@link #give} may be called by any thread; a slot is changed by one at a time.
 */
final class KeyTable {
    private static final int STEP = 1024;
    private static final int MAX_STEP = 64 * STEP;
    private static final int FIRST_SLOT = 1;
    private static final int RANDOM_BYTES = 4096;

    private final FabricFile file;
    private final ByteBuffer table;
    private final ByteBuffer keys;
    private final long keysAt;
    private final int maxKeys;
    private final int tagBits;
    private final int multiplier;
    private final int increment;
    private final SecureRandom random = new SecureRandom();
    /** Random bytes at hand: one call for many is much faster, and a pool needs a tag for each of its windows. */
    private final ByteBuffer randomBytes = ByteBuffer.allocate(RANDOM_BYTES).limit(0);

    private final BitSet used = new BitSet();
    private int usedCount;
    private int limit;
    private int cursor = FIRST_SLOT;

    KeyTable(FabricFile file, ByteBuffer table, ByteBuffer keys, long keysAt, int maxKeys) {
        this.file = file;
        this.table = table;
        this.keys = keys;
        this.keysAt = keysAt;
        this.maxKeys = maxKeys;
        this.tagBits = FabricLayout.tagBits(maxKeys);
        // Full period modulo a power of two: multiplier = 1 modulo 4, odd increment (Hull and Dobell).
        this.multiplier = random.nextInt() << 2 | 1;
        this.increment = random.nextInt() | 1;
        grow();
    }

    /** Binds of one slot until its first rkey comes back. */
    int period() {
        return 1 << tagBits;
    }

    private void grow() {
        int step = Math.min(Math.max(STEP, limit / 8 & -STEP), Math.min(MAX_STEP, maxKeys - limit));
        file.commit(keysAt + (long) limit * FabricLayout.KEY_BYTES, step * FabricLayout.KEY_BYTES);
        limit += step;
        SharedWord.putRelease(table, FabricLayout.KEY_LIMIT_OFFSET, limit);
    }

    /**
     * A free slot.
     *
     * @throws OutOfLocalResources if all are used, or the file system is full
     */
    synchronized int take() {
        boolean scarce = usedCount + 1 > limit - limit / 4;
        if (scarce && limit < maxKeys) {
            grow();
        }
        int slot = used.nextClearBit(cursor);
        slot = slot < limit ? slot : used.nextClearBit(FIRST_SLOT);
        if (slot >= limit) {
            throw new OutOfLocalResources(
                    "all rkeys are in use; close regions or windows, or raise max-keys", "maxKeys", maxKeys);
        }
        used.set(slot);
        usedCount++;
        cursor = slot + 1;
        return slot;
    }

    /** Gives a slot back whose key was revoked, and which no peer may still be looking at. */
    synchronized void give(int slot) {
        used.clear(slot);
        usedCount--;
    }

    /** The latest rkey of a slot, or one with a random tag if it had none: not valid, but a start for {@link #next}. */
    int latest(int slot) {
        int latest = (int) SharedWord.getPlain(keys, FabricLayout.keyAt(slot) + FabricLayout.KEY_LATEST);
        return latest != 0 ? latest : key(slot, randomTag());
    }

    private synchronized int randomTag() {
        if (!randomBytes.hasRemaining()) {
            random.nextBytes(randomBytes.array());
            randomBytes.clear();
        }
        return randomBytes.getInt();
    }

    /** The rkey after this one in the same slot. */
    int next(int rkey) {
        return key(rkey >>> tagBits, rkey * multiplier + increment);
    }

    private int key(int slot, int tag) {
        return slot << tagBits | tag & (1 << tagBits) - 1;
    }

    /** Makes an rkey live; the slot must be free or revoked, and quiet. */
    void publish(int rkey, int rights, long domain, long address, long length, RemoteExtent extent) {
        int at = FabricLayout.keyAt(rkey >>> tagBits);
        SharedWord.putPlain(keys, at + FabricLayout.KEY_DOMAIN, domain);
        SharedWord.putPlain(keys, at + FabricLayout.KEY_ADDRESS, address);
        SharedWord.putPlain(keys, at + FabricLayout.KEY_LENGTH, length);
        SharedWord.putPlain(keys, at + FabricLayout.KEY_REGION_ID, extent.id());
        SharedWord.putPlain(keys, at + FabricLayout.KEY_REGION_ADDRESS, extent.address());
        SharedWord.putPlain(keys, at + FabricLayout.KEY_REGION_SLOT, extent.slot());
        SharedWord.putPlain(keys, at + FabricLayout.KEY_LATEST, Integer.toUnsignedLong(rkey));
        SharedWord.putVolatile(keys, at + FabricLayout.KEY_WORD, FabricLayout.keyWord(rkey, rights));
    }

    /** The sequence of the operations that a peer's end has under way with any rkey of a slot, or {@link End#IDLE}. */
    long busy(End requester, int slot) {
        long sequence = requester.busy();
        boolean concerned = sequence != End.IDLE && requester.rkeyAtWork() >>> tagBits == slot;
        return concerned && requester.busy() == sequence ? sequence : End.IDLE;
    }

    /** Ends the slot's rkey for all that enter from now on. */
    void revoke(int rkey) {
        SharedWord.putVolatile(keys, FabricLayout.keyAt(rkey >>> tagBits) + FabricLayout.KEY_WORD, 0);
    }
}
