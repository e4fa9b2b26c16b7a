package io.finemem.transport.verbs;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Windows of a chain's elements, and what is needed to take a bind back. */
final class WindowElements {
    private final @Nullable VerbsWindow[] windows;
    private final @Nullable VerbsRegion[] regions;
    private final int[] deviceKeysBefore;
    private final int[] rkeysBefore;
    private final @Nullable VerbsRegion[] regionsBefore;

    WindowElements(int capacity) {
        windows = new VerbsWindow[capacity];
        regions = new VerbsRegion[capacity];
        deviceKeysBefore = new int[capacity];
        rkeysBefore = new int[capacity];
        regionsBefore = new VerbsRegion[capacity];
    }

    void set(int element, VerbsWindow window, @Nullable VerbsRegion region) {
        windows[element] = window;
        regions[element] = region;
    }

    void clear(int elements) {
        Arrays.fill(windows, 0, elements, null);
        Arrays.fill(regions, 0, elements, null);
        Arrays.fill(regionsBefore, 0, elements, null);
    }

    /** The element's window, or null if it is of another kind. */
    @Nullable
    VerbsWindow window(int element) {
        return windows[element];
    }

    /** The window of an element that is known to have one. */
    VerbsWindow required(int element) {
        return Objects.requireNonNull(windows[element]);
    }

    /** Refuses closed windows and regions, and renews windows whose last outcome was unknown. */
    void prepare(int size) {
        for (int i = 0; i < size; i++) {
            VerbsRegion region = regions[i];
            if (region != null) {
                region.requireOpen();
            }
            VerbsWindow window = windows[i];
            if (window != null) {
                window.prepare();
            }
        }
    }

    /** The region to bind to, null for an invalidate. */
    @Nullable
    VerbsRegion region(int element) {
        return regions[element];
    }

    /** The element was posted and gives the window this rkey. */
    void posted(int element, VerbsWindow window, int deviceKeyBefore, int deviceKey) {
        deviceKeysBefore[element] = deviceKeyBefore;
        rkeysBefore[element] = window.rkey();
        regionsBefore[element] = window.region();
        window.posted(deviceKey, regions[element]);
    }

    /** The element was certainly not executed. */
    void undo(int element) {
        VerbsWindow window = windows[element];
        if (window != null) {
            window.undo(deviceKeysBefore[element], rkeysBefore[element], regionsBefore[element]);
        }
    }

    /** Whether the elements from this one on were executed is unknown. */
    void discardFrom(int element, int size) {
        for (int i = element; i < size; i++) {
            VerbsWindow window = windows[i];
            if (window != null) {
                window.discard();
            }
        }
    }
}
