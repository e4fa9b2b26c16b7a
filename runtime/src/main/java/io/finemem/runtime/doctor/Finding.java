package io.finemem.runtime.doctor;

import java.util.Set;

/**
 * What a check found.
 *
 * @param check what was looked at
 * @param level how good it is
 * @param detail what was found, in one line
 * @param remedy what to do about it, empty if nothing is to be done
 * @param neededBy transports that cannot work with a {@link Level#PROBLEM} like this; none for things that are not
 *     part of one
 */
public record Finding(String check, Level level, String detail, String remedy, Set<String> neededBy) {
    static final Set<String> RDMA = Set.of("verbs", "rxe");
    static final Set<String> VERBS = Set.of("verbs");
    static final Set<String> SHM = Set.of("shm");

    /** How good it is. */
    public enum Level {
        OK,
        /** Something optional is missing, or something is needed by another transport only. */
        WARNING,
        /** The chosen transport cannot work like this. */
        PROBLEM
    }

    /** Takes a copy of the set. */
    public Finding {
        neededBy = Set.copyOf(neededBy);
    }

    static Finding ok(String check, String detail) {
        return new Finding(check, Level.OK, detail, "", Set.of());
    }

    static Finding warning(String check, String detail, String remedy) {
        return new Finding(check, Level.WARNING, detail, remedy, Set.of());
    }

    static Finding problem(String check, String detail, String remedy, Set<String> neededBy) {
        return new Finding(check, Level.PROBLEM, detail, remedy, neededBy);
    }

    /** The same as seen by somebody who uses this transport: what only others need is no problem. */
    Finding forTransport(String transport) {
        boolean others = level == Level.PROBLEM && !neededBy.contains(transport);
        return others ? new Finding(check, Level.WARNING, detail, remedy, neededBy) : this;
    }
}
