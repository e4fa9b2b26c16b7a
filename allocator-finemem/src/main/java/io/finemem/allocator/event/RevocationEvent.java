package io.finemem.allocator.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A memory node ended the keys of freed blocks, a batch at a time; batches below a millisecond are not recorded by default. */
@Name(RevocationEvent.NAME)
@Label("Revocation Batch")
@Category("FineMem")
@StackTrace(false)
@Threshold("1 ms")
public final class RevocationEvent extends Event {
    /** The event's name. */
    public static final String NAME = "io.finemem.RevocationBatch";

    @Label("Memory Node")
    private String memoryNode = "";

    @Label("Blocks")
    private int blocks;

    /** Not begun. */
    public RevocationEvent() {
        // for new
    }

    /** Ends the event, and records it if that is wanted and there was something to do. */
    public void done(String node, int revoked) {
        if (revoked > 0 && shouldCommit()) {
            memoryNode = node;
            blocks = revoked;
            commit();
        }
    }
}
