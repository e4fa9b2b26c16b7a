package io.finemem.runtime.config;

import io.finemem.runtime.control.ControlTimeouts;

/**
 * What a tool needs that talks to the control channel of a memory node, without memory of it.
 *
 * @param name of the tool in the logs of memory nodes
 * @param credentials how it proves itself on control channels
 * @param timeouts of the control channel
 */
public record ToolConfig(String name, Credentials credentials, ControlTimeouts timeouts) {}
