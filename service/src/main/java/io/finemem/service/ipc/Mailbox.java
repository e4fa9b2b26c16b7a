package io.finemem.service.ipc;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One mailbox of a segment, in the layout of {@link SegmentLayout}. Methods of the client's and of the service's side are kept
 * apart; each side calls its own.
 *
 * <p><b>The service trusts nothing.</b> It calls each {@code request...} method at most once per request and works on what it
 * got: what the client writes meanwhile is not looked at.
 *
 * <p><b>No wake-up is lost.</b> A client that has waited long enough says so ({@link #setWaiting}), looks at the response
 * sequence again, and then sleeps on that word only if it still has the value seen. The service publishes the response, and
 * then looks whether somebody waits; a full fence stands between store and load on both sides.
 *
 * <p><b>Thread-safety.</b> One thread per side at a time.
 */
public final class Mailbox {
    private final ByteBuffer memory;
    private final int base;
    private final Futex answered;

    Mailbox(ByteBuffer memory, int base) {
        this.memory = memory;
        this.base = base;
        this.answered = new Futex(memory, base + SegmentLayout.RESPONSE_SEQUENCE);
    }

    // Client's side.

    /** Writes a request word before {@link #publish}. */
    public void putRequestWord(int index, long word) {
        Words.LONG.set(memory, base + SegmentLayout.REQUEST_WORDS + index * Long.BYTES, word);
    }

    /**
     * Publishes a request.
     *
     * @param sequence one more than that of the request before
     */
    public void publish(int sequence, int opcode, int count, long argument) {
        Words.INT.set(memory, base + SegmentLayout.OPCODE, opcode);
        Words.INT.set(memory, base + SegmentLayout.REQUEST_COUNT, count);
        Words.LONG.set(memory, base + SegmentLayout.ARGUMENT, argument);
        Words.INT.setRelease(memory, base + SegmentLayout.REQUEST_SEQUENCE, sequence);
    }

    /** Sequence of the latest request that was answered; what was written before it is seen. */
    public int responseSequence() {
        return (int) Words.INT.getAcquire(memory, base + SegmentLayout.RESPONSE_SEQUENCE);
    }

    /** Says whether this side wants to be woken by the response. */
    public void setWaiting(boolean waiting) {
        Words.INT.setOpaque(memory, base + SegmentLayout.WAITING, waiting ? 1 : 0);
        VarHandle.fullFence();
    }

    /** Sleeps while the response sequence is {@code seen}, at most so long; may wake for no reason. */
    public void awaitResponse(int seen, Futex.Limit limit, int nanos) {
        answered.await(seen, limit, nanos);
    }

    /** 0, or the number of the error. */
    public int code() {
        return (int) Words.INT.get(memory, base + SegmentLayout.CODE);
    }

    /** How many results there are, or bytes of text. */
    public int responseCount() {
        return (int) Words.INT.get(memory, base + SegmentLayout.RESPONSE_COUNT);
    }

    /** The record of a block. */
    public BlockRecord record(int index) {
        return new BlockRecord(
                recordHandle(index),
                recordAddress(index),
                recordChunks(index),
                recordRkey(index),
                recordNode(index),
                recordKeysDiffer(index),
                recordGeneration(index));
    }

    /** {@link BlockRecord#handle()} of a record, without an object for it; so the following ones. */
    public long recordHandle(int index) {
        return (long) Words.LONG.get(memory, recordAt(index) + SegmentLayout.RECORD_HANDLE);
    }

    /** {@link BlockRecord#address()}. */
    public long recordAddress(int index) {
        return (long) Words.LONG.get(memory, recordAt(index) + SegmentLayout.RECORD_ADDRESS);
    }

    /** {@link BlockRecord#chunks()}. */
    public int recordChunks(int index) {
        return recordInt(index, SegmentLayout.RECORD_CHUNKS);
    }

    /** {@link BlockRecord#rkey()}. */
    public int recordRkey(int index) {
        return recordInt(index, SegmentLayout.RECORD_RKEY);
    }

    /** {@link BlockRecord#node()}. */
    public int recordNode(int index) {
        return recordInt(index, SegmentLayout.RECORD_NODE) & ~SegmentLayout.KEYS_DIFFER;
    }

    /** {@link BlockRecord#keysDiffer()}. */
    public boolean recordKeysDiffer(int index) {
        return (recordInt(index, SegmentLayout.RECORD_NODE) & SegmentLayout.KEYS_DIFFER) != 0;
    }

    /** {@link BlockRecord#generation()}. */
    public int recordGeneration(int index) {
        return recordInt(index, SegmentLayout.RECORD_GENERATION);
    }

    private int recordInt(int index, int field) {
        return (int) Words.INT.get(memory, recordAt(index) + field);
    }

    /** An rkey of the answer to {@link Opcode#KEYS}. */
    public int key(int index) {
        return (int) Words.INT.get(memory, base + SegmentLayout.RECORDS + index * Integer.BYTES);
    }

    /** The answer to {@link Opcode#STATISTICS}. */
    public Counters counters() {
        return new Counters(word(0), word(1), word(2), word(3), word(4));
    }

    private long word(int index) {
        return (long) Words.LONG.get(memory, base + SegmentLayout.RECORDS + index * Long.BYTES);
    }

    /** The text of an error. */
    public String text() {
        byte[] bytes = new byte[Math.max(0, Math.min(responseCount(), SegmentLayout.MAX_TEXT))];
        memory.get(base + SegmentLayout.RECORDS, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    // Service's side.

    /** Sequence of the latest request; what was written before it is seen. */
    public int requestSequence() {
        return (int) Words.INT.getAcquire(memory, base + SegmentLayout.REQUEST_SEQUENCE);
    }

    /** What is asked for: any number. */
    public int requestOpcode() {
        return (int) Words.INT.getOpaque(memory, base + SegmentLayout.OPCODE);
    }

    /** How many: any number. */
    public int requestCount() {
        return (int) Words.INT.getOpaque(memory, base + SegmentLayout.REQUEST_COUNT);
    }

    /** Any number. */
    public long requestArgument() {
        return (long) Words.LONG.getOpaque(memory, base + SegmentLayout.ARGUMENT);
    }

    /** Copies the first words, {@link SegmentLayout#MAX_BATCH} at most. */
    public void copyRequestWords(long[] copy, int count) {
        for (int i = 0; i < count; i++) {
            copy[i] = (long) Words.LONG.getOpaque(memory, base + SegmentLayout.REQUEST_WORDS + i * Long.BYTES);
        }
    }

    /** Writes the record of a block. */
    public void putRecord(int index, BlockRecord block) {
        putRecord(
                index,
                block.handle(),
                block.address(),
                block.chunks(),
                block.rkey(),
                block.node(),
                block.keysDiffer(),
                block.generation());
    }

    /** Writes the record of a block, as {@link BlockRecord} describes it. */
    public void putRecord(
            int index, long handle, long address, int chunks, int rkey, int node, boolean keysDiffer, int generation) {
        int at = recordAt(index);
        Words.LONG.set(memory, at + SegmentLayout.RECORD_HANDLE, handle);
        Words.LONG.set(memory, at + SegmentLayout.RECORD_ADDRESS, address);
        Words.INT.set(memory, at + SegmentLayout.RECORD_CHUNKS, chunks);
        Words.INT.set(memory, at + SegmentLayout.RECORD_RKEY, rkey);
        Words.INT.set(memory, at + SegmentLayout.RECORD_NODE, node | (keysDiffer ? SegmentLayout.KEYS_DIFFER : 0));
        Words.INT.set(memory, at + SegmentLayout.RECORD_GENERATION, generation);
    }

    /** Writes an rkey of the answer to {@link Opcode#KEYS}. */
    public void putKey(int index, int rkey) {
        Words.INT.set(memory, base + SegmentLayout.RECORDS + index * Integer.BYTES, rkey);
    }

    /** Writes the answer to {@link Opcode#STATISTICS}. */
    public void putCounters(Counters counters) {
        putWord(0, counters.allocations());
        putWord(1, counters.frees());
        putWord(2, counters.failedAllocations());
        putWord(3, counters.liveBlocks());
        putWord(4, counters.liveBytes());
    }

    private void putWord(int index, long word) {
        Words.LONG.set(memory, base + SegmentLayout.RECORDS + index * Long.BYTES, word);
    }

    /** Publishes the answer that was written before. */
    public void answer(int sequence, int count) {
        answer(sequence, 0, count);
    }

    /** Publishes an error; what is too long of the text is cut off. */
    public void fail(int sequence, int code, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, SegmentLayout.MAX_TEXT);
        memory.put(base + SegmentLayout.RECORDS, bytes, 0, length);
        answer(sequence, code, length);
    }

    private void answer(int sequence, int code, int count) {
        Words.INT.set(memory, base + SegmentLayout.CODE, code);
        Words.INT.set(memory, base + SegmentLayout.RESPONSE_COUNT, count);
        Words.INT.setRelease(memory, base + SegmentLayout.RESPONSE_SEQUENCE, sequence);
        VarHandle.fullFence();
        if ((int) Words.INT.getOpaque(memory, base + SegmentLayout.WAITING) != 0) {
            answered.wake();
        }
    }

    private int recordAt(int index) {
        return base + SegmentLayout.RECORDS + index * SegmentLayout.RECORD_BYTES;
    }
}
