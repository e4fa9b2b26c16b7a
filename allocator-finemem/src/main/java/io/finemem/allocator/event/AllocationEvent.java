package io.finemem.allocator.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A call that allocated one block or several; not recorded unless it is enabled by name, for there may be millions in a second. */
@Name(AllocationEvent.NAME)
@Label("Remote Allocation")
@Category("FineMem")
@Description("Blocks of remote memory were allocated by a blocking call")
@Enabled(false)
@StackTrace(false)
public final class AllocationEvent extends Event {
    /** The event's name. */
    public static final String NAME = "io.finemem.Allocation";

    /** Asked whether it is recorded; never recorded itself. */
    private static final AllocationEvent ANY = new AllocationEvent();

    @Label("Bytes of a Block")
    @DataAmount
    private long bytes;

    @Label("Blocks")
    private int blocks;

    /** Not begun. */
    public AllocationEvent() {
        // for new
    }

    /** Whether it is recorded now: where it is not, no object need be made for it. */
    public static boolean recorded() {
        return ANY.isEnabled();
    }

    /**
     * Ends the event, and records it if that is wanted.
     *
     * @param ofBlock bytes that were asked for, of each block
     * @param count blocks
     */
    public void done(long ofBlock, int count) {
        if (shouldCommit()) {
            bytes = ofBlock;
            blocks = count;
            commit();
        }
    }
}
