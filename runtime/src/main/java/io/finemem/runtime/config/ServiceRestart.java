package io.finemem.runtime.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What of a service outlives its process.
 *
 * @param stateDirectory where it writes down what the next run of it needs to know; empty: its sessions end with it
 * @param keepSessions whether sessions also go on when it is told to stop
 */
public record ServiceRestart(Optional<Path> stateDirectory, boolean keepSessions) {}
