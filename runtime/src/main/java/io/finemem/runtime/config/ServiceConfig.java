package io.finemem.runtime.config;

import io.finemem.service.server.ServiceOptions;
import java.time.Duration;

/**
 * Everything that an allocation service needs to know.
 *
 * @param owner its memory nodes, and how it allocates there
 * @param options who may use it and how much
 * @param restart what of it outlives its process
 * @param startTimeout how long it waits for the first of its memory nodes when it starts; zero: one attempt
 */
public record ServiceConfig(
        ClientConfig owner, ServiceOptions options, ServiceRestart restart, Duration startTimeout) {}
