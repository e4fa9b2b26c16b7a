package io.finemem.spi.coordination;

/** How far a fact has come. */
public enum Announcement {
    /** The directory has it: everybody sees it, or will. */
    RECORDED,
    /** The directory cannot be reached: the fact holds in this process and is told to the directory when it is back. */
    PENDING
}
