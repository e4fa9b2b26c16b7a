package io.finemem.runtime.control;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.ResumeToken;

/** What a client asks of a memory node. The first message of a session is {@link Hello}. */
sealed interface ControlRequest {

    /** Opens the session; the name is what the node logs. */
    record Hello(String peerName) implements ControlRequest {}

    /** Nothing is wanted: the client is alive. */
    record Ping() implements ControlRequest {}

    record Describe() implements ControlRequest {}

    record Register() implements ControlRequest {}

    record RegisterResumable() implements ControlRequest {}

    record Resume(int ownerId, ResumeToken token) implements ControlRequest {}

    record GrowJournal() implements ControlRequest {}

    record Connect(ConnectionPurpose purpose, byte[] descriptor) implements ControlRequest {}

    record Disconnect(int connection) implements ControlRequest {}

    record Heartbeat(long settled) implements ControlRequest {}

    record Resolve(int[] slots) implements ControlRequest {}

    record Leave() implements ControlRequest {}

    record Inspect() implements ControlRequest {}

    record Statistics() implements ControlRequest {}

    /** Owners are to allocate elsewhere, or here again. */
    record Drain(boolean drain) implements ControlRequest {}

    /** Stop, if nothing can be lost by that. */
    record Stop() implements ControlRequest {}

    record Audit() implements ControlRequest {}

    /** The last message: the node ends the session before it answers. */
    record Bye() implements ControlRequest {}
}
