package io.finemem.runtime.demo;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.ErrorCode;
import io.finemem.runtime.trace.ReplayBounds;
import java.util.List;
import java.util.Map;

/** What parent and children of the demonstration say to each other. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Message.ServeMemory.class, name = "serve-memory"),
    @JsonSubTypes.Type(value = Message.Serving.class, name = "serving"),
    @JsonSubTypes.Type(value = Message.Prepare.class, name = "prepare"),
    @JsonSubTypes.Type(value = Message.ServeApplications.class, name = "serve-applications"),
    @JsonSubTypes.Type(value = Message.Open.class, name = "open"),
    @JsonSubTypes.Type(value = Message.Replay.class, name = "replay"),
    @JsonSubTypes.Type(value = Message.Connected.class, name = "connected"),
    @JsonSubTypes.Type(value = Message.Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = Message.Holding.class, name = "holding"),
    @JsonSubTypes.Type(value = Message.Finish.class, name = "finish"),
    @JsonSubTypes.Type(value = Message.Done.class, name = "done"),
    @JsonSubTypes.Type(value = Message.Failed.class, name = "failed")
})
sealed interface Message {

    /**
     * To the memory node: serve.
     *
     * @param fabric how the processes reach each other
     * @param poolBytes bytes to lend
     * @param isolation how blocks are guarded
     * @param zeroOnFree whether a block is zeroed before it can be allocated again
     */
    record ServeMemory(Fabric fabric, long poolBytes, Isolation isolation, boolean zeroOnFree) implements Message {}

    /** From the memory node: its control channel listens on this port of the loop-back address. */
    record Serving(int port) implements Message {}

    /** To a compute process or the allocation service: open the device, which takes a while, while the memory node starts. */
    record Prepare(Fabric fabric) implements Message {}

    /** To the allocation service, which is prepared: the memory node's control channel listens on this port; serve. */
    record ServeApplications(int port) implements Message {}

    /** From the allocation service: applications can connect to this socket. */
    record Open(String socket) implements Message {}

    /**
     * To a compute process that is prepared: replay.
     *
     * @param port of the memory node's control channel
     * @param socket of the allocation service, or empty to be an owner itself
     * @param number of the process, 1 or more; the seed of what it writes
     * @param traces names or files
     * @param rounds as in {@link DemoOptions}
     * @param bounds of each trace
     * @param speed as in {@link io.finemem.runtime.trace.ReplayOptions}
     */
    record Replay(
            int port, String socket, int number, List<String> traces, int rounds, ReplayBounds bounds, double speed)
            implements Message {}

    /** From a compute process or the allocation service: it is registered and connected over this device. */
    record Connected(String transport, String device, String detail) implements Message {}

    /** From a compute process: allocations and frees done so far. */
    record Progress(long operations) implements Message {}

    /** From a compute process: the last trace is replayed, these bytes are held until {@link Finish} comes. */
    record Holding(long bytes) implements Message {}

    /** To all: free what is held and end. */
    record Finish() implements Message {}

    /** From a compute process: everything is freed. From the allocation service: what it posted for all of them. */
    record Done(ComputeResult result) implements Message {}

    /** From any child: it gives up. */
    record Failed(ErrorCode code, String text) implements Message {}

    /**
     * How the processes reach each other.
     *
     * @param transport name of the transport, never {@code auto}
     * @param settings of the transport
     * @param secret that the processes share, in Base64
     * @param directory for their files; the last process removes it if the parent cannot
     */
    record Fabric(String transport, Map<String, String> settings, String secret, String directory) {

        /** Text form without the secret. */
        @Override
        public String toString() {
            return "fabric{" + transport + " " + settings + "}";
        }
    }
}
