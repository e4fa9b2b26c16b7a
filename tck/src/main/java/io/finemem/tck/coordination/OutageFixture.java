package io.finemem.tck.coordination;

/** A directory that can be stopped and started. */
public interface OutageFixture extends CoordinationFixture {

    /** Kills the directory. Returns when it is dead. */
    void killDirectory();

    /** The directory stops answering, but its connections stay open. */
    void freezeDirectory();

    /** Ends {@link #freezeDirectory}. */
    void thawDirectory();

    /** Starts the directory again with all that it had acknowledged. Returns when it answers. */
    void restartDirectory();

    /** Starts the directory again, empty. Returns when it answers. */
    void restartDirectoryEmpty();
}
