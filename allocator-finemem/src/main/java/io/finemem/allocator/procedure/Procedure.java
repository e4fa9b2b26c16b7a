package io.finemem.allocator.procedure;

/**
 * One action of the protocol, as a state machine: it asks for a chain, is told its results, and asks for the next one until
 * it is finished. It knows no clock, thread or transport; whoever runs it decides when its operations execute. "Crash at
 * this point" is to stop calling it.
 *
 * <p>A procedure is prepared, run and prepared again; that creates no garbage.
 */
public interface Procedure {

    /**
     * Appends the elements of the next chain.
     *
     * @return false if the procedure is finished; nothing was appended then
     */
    boolean next(WordChain chain);

    /** All elements of the chain asked for last were executed. */
    void completed(WordResults results);

    /**
     * The connection failed while the chain asked for last was under way: any of its elements may or may not have been
     * executed. The procedure is finished and in doubt; its journal slots must not be reused before that is resolved.
     */
    void lost();

    /** An independent copy in the same state. */
    Procedure copy();

    /** Tells everything on which the procedure's further steps depend. */
    void state(StateSink sink);
}
