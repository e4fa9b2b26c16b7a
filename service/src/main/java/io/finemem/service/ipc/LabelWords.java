package io.finemem.service.ipc;

import io.finemem.api.InvalidRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The label of a memory node as request words of {@link Opcode#ALLOCATE_LABELLED}: its UTF-8, eight bytes a word, the first byte
 * lowest; what is left of the last word is 0.
 */
public final class LabelWords {
    /** Longest label in bytes: as many as the request words hold. */
    public static final int MAX_BYTES = SegmentLayout.MAX_BATCH * Long.BYTES;

    private final String label;
    private final int bytes;
    private final long[] words;

    private LabelWords(String label, int bytes, long[] words) {
        this.label = label;
        this.bytes = bytes;
        this.words = words;
    }

    /**
     * The words of a label.
     *
     * @throws InvalidRequest if it is empty or too long
     */
    public static LabelWords of(String label) {
        byte[] text = label.getBytes(StandardCharsets.UTF_8);
        int count = wordsOf(text.length);
        ByteBuffer padded = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        padded.put(text).rewind();
        long[] words = new long[count];
        padded.asLongBuffer().get(words);
        return new LabelWords(label, text.length, words);
    }

    /**
     * How many words a label has.
     *
     * @param bytes its length, which may be any number
     * @throws InvalidRequest if no label is so long
     */
    public static int wordsOf(int bytes) {
        if (bytes < 1 || bytes > MAX_BYTES) {
            throw new InvalidRequest("a label has 1 to " + MAX_BYTES + " bytes", "bytes", bytes);
        }
        return (bytes + Long.BYTES - 1) / Long.BYTES;
    }

    /**
     * The label in words that may be anything.
     *
     * @param bytes its length, as {@link #wordsOf} admits it
     * @throws InvalidRequest if it is no UTF-8
     */
    public static String text(long[] words, int bytes) {
        ByteBuffer text = ByteBuffer.allocate(wordsOf(bytes) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        text.asLongBuffer().put(words, 0, wordsOf(bytes));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text.limit(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidRequest("a label is not UTF-8", "bytes", bytes);
        }
    }

    /** The label that these are the words of. */
    public String label() {
        return label;
    }

    /** Its length. */
    public int bytes() {
        return bytes;
    }

    /** Writes them into a request. */
    public void putInto(Mailbox box) {
        for (int i = 0; i < words.length; i++) {
            box.putRequestWord(i, words[i]);
        }
    }
}
