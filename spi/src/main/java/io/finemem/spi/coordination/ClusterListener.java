package io.finemem.spi.coordination;

import java.util.List;

/** Is told of changes; see rule C8 of the {@linkplain io.finemem.spi.coordination package}. Must not block for long. */
public interface ClusterListener {

    /**
     * The cluster changed, or this is the first call of a subscription.
     *
     * @param view the newest view
     * @param events differences to the view of the call before; in the first call, everything that there is
     */
    void changed(ClusterView view, List<ClusterEvent> events);

    /** The directory was lost or is back. */
    default void statusChanged(CoordinationStatus status) {}
}
