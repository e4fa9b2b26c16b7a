package io.finemem.transport.verbs;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A port of a device, as the kernel describes it.
 *
 * @param number from 1
 * @param state such as {@code ACTIVE} or {@code DOWN}
 * @param linkLayer {@code Ethernet} or {@code InfiniBand}
 * @param gids entries in use, in the order of the table
 */
public record RdmaPort(int number, String state, String linkLayer, List<Gid> gids) {
    /** Takes a copy of the list. */
    public RdmaPort {
        gids = List.copyOf(gids);
    }

    /** Carries traffic. */
    public boolean isActive() {
        return state.equals("ACTIVE");
    }

    /** RoCE: peers are addressed by GID. */
    public boolean isEthernet() {
        return linkLayer.equals("Ethernet");
    }

    /** The GIDs in words, for messages. */
    String gidListing() {
        return gids.isEmpty() ? "none" : gids.stream().map(Gid::toString).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return number + " (" + state + ", " + linkLayer + ", " + gids.size() + " GIDs)";
    }
}
