package io.finemem.transport.verbs;

import io.finemem.spi.transport.CompletionStatus;
import io.finemem.verbs.ffi.WorkCompletion;

/** What a work completion's status means to the SPI. */
final class CompletionCodes {
    private CompletionCodes() {}

    static CompletionStatus status(int code) {
        return switch (code) {
            case WorkCompletion.SUCCESS -> CompletionStatus.SUCCESS;
            case WorkCompletion.FLUSHED -> CompletionStatus.FLUSHED;
            case WorkCompletion.WINDOW_BIND_ERROR -> CompletionStatus.WINDOW_BIND_ERROR;
            // An invalid request is one that the peer's queue pair does not serve at all: alignment is checked before
            // posting.
            case WorkCompletion.REMOTE_ACCESS_ERROR, WorkCompletion.REMOTE_INVALID_REQUEST ->
                CompletionStatus.REMOTE_ACCESS_ERROR;
            case WorkCompletion.REMOTE_OPERATION_ERROR, WorkCompletion.REMOTE_ABORTED ->
                CompletionStatus.REMOTE_OPERATION_ERROR;
            case WorkCompletion.RETRIES_EXCEEDED, WorkCompletion.RECEIVER_NOT_READY, WorkCompletion.RESPONSE_TIMEOUT ->
                CompletionStatus.PEER_UNREACHABLE;
            default -> CompletionStatus.LOCAL_ERROR;
        };
    }
}
