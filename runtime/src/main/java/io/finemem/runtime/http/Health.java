package io.finemem.runtime.http;

/**
 * Whether a daemon can be used.
 *
 * @param ready whether it can
 * @param text one line that says why
 */
public record Health(boolean ready, String text) {}
