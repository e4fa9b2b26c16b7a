package io.finemem.runtime.config;

import io.finemem.service.server.ServiceOptions;

/**
 * Everything that an allocation service needs to know.
 *
 * @param owner its memory nodes, and how it allocates there
 * @param options who may use it and how much
 * @param restart what of it outlives its process
 */
public record ServiceConfig(ClientConfig owner, ServiceOptions options, ServiceRestart restart) {}
