package io.finemem.transport.verbs;

import io.finemem.spi.transport.Operation;
import io.finemem.verbs.ffi.SendWorkRequest;

/** Kinds of chain elements, as they are built. */
enum ElementKind {
    READ(Operation.READ, SendWorkRequest.READ, false),
    WRITE(Operation.WRITE, SendWorkRequest.WRITE, false),
    READ_WORD(Operation.READ, SendWorkRequest.READ, true),
    WRITE_WORD(Operation.WRITE, SendWorkRequest.WRITE, false),
    COMPARE_AND_SWAP(Operation.COMPARE_AND_SWAP, SendWorkRequest.COMPARE_AND_SWAP, true),
    FETCH_ADD(Operation.FETCH_ADD, SendWorkRequest.FETCH_ADD, true),
    BIND(Operation.BIND_WINDOW, SendWorkRequest.BIND_WINDOW, false),
    INVALIDATE(Operation.INVALIDATE_WINDOW, SendWorkRequest.BIND_WINDOW, false);

    private final Operation operation;
    private final int opcode;
    private final boolean hasWord;

    ElementKind(Operation operation, int opcode, boolean hasWord) {
        this.operation = operation;
        this.opcode = opcode;
        this.hasWord = hasWord;
    }

    /** As it is counted. */
    Operation operation() {
        return operation;
    }

    /** As the device is told. */
    int opcode() {
        return opcode;
    }

    /** Whether it has a result. */
    boolean hasWord() {
        return hasWord;
    }

    /** Whether it concerns a window of this side. */
    boolean isWindow() {
        return opcode == SendWorkRequest.BIND_WINDOW;
    }
}
