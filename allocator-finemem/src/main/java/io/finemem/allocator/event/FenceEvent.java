package io.finemem.allocator.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A memory node cut an owner off; its duration is that of the fence. */
@Name(FenceEvent.NAME)
@Label("Fence")
@Category("FineMem")
@StackTrace(false)
public final class FenceEvent extends Event {
    /** The event's name. */
    public static final String NAME = "io.finemem.Fence";

    @Label("Memory Node")
    private String memoryNode = "";

    @Label("Owner")
    private int owner;

    @Label("Completed")
    private boolean completed;

    /** Not begun. */
    public FenceEvent() {
        // for new
    }

    /**
     * Ends the event, and records it if that is wanted.
     *
     * @param succeeded false if it is to be tried again
     */
    public void done(String node, int ownerId, boolean succeeded) {
        if (shouldCommit()) {
            memoryNode = node;
            owner = ownerId;
            completed = succeeded;
            commit();
        }
    }
}
