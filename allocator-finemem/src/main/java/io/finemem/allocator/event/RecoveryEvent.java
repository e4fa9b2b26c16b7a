package io.finemem.allocator.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A memory node took back what fenced owners had held; its duration is that of the last pass over their journals. */
@Name(RecoveryEvent.NAME)
@Label("Recovery")
@Category("FineMem")
@StackTrace(false)
public final class RecoveryEvent extends Event {
    /** The event's name. */
    public static final String NAME = "io.finemem.Recovery";

    @Label("Memory Node")
    private String memoryNode = "";

    @Label("Owners")
    private int owners;

    @Label("Reclaimed Units")
    private long reclaimedUnits;

    @Label("Erased Journal Slots")
    private long erasedSlots;

    /** Not begun. */
    public RecoveryEvent() {
        // for new
    }

    /** Ends the event, and records it if that is wanted. */
    public void done(String node, int recoveredOwners, long units, long slots) {
        if (shouldCommit()) {
            memoryNode = node;
            owners = recoveredOwners;
            reclaimedUnits = units;
            erasedSlots = slots;
            commit();
        }
    }
}
