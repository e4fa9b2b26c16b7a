package io.finemem.runtime.config;

import io.finemem.runtime.control.ControlTimeouts;
import java.nio.file.Path;

/**
 * What a tool needs that talks to the control channel of a memory node, without memory of it.
 *
 * @param name of the tool in the logs of memory nodes
 * @param secretFile the secret that is shared with the memory nodes
 * @param timeouts of the control channel
 */
public record ToolConfig(String name, Path secretFile, ControlTimeouts timeouts) {}
