package io.finemem.transport.shm;

import java.util.ArrayList;
import java.util.List;

/**
 * The windows of a domain, in no order. There may be millions, so a window knows its place, and costs a reference here.
 *
 * <p><b>Thread-safety.</b> None; its domain guards it.
 */
final class WindowList {
    private final ArrayList<ShmWindow> windows = new ArrayList<>();

    void add(ShmWindow window) {
        window.setPlace(windows.size());
        windows.add(window);
    }

    /** Does nothing if the window is not there any more. */
    void remove(ShmWindow window) {
        int place = window.place();
        if (place >= windows.size() || windows.get(place) != window) {
            return;
        }
        ShmWindow last = windows.remove(windows.size() - 1);
        if (last != window) {
            last.setPlace(place);
            windows.set(place, last);
        }
    }

    int size() {
        return windows.size();
    }

    List<ShmWindow> copy() {
        return List.copyOf(windows);
    }
}
