package io.finemem.runtime.config;

import io.finemem.service.client.ServiceClientOptions;

/**
 * Everything that an application needs to know that allocates through a service.
 *
 * @param transport what carries the bytes, as at the memory nodes
 * @param options how it uses the service
 */
public record ServiceClientConfig(TransportChoice transport, ServiceClientOptions options) {}
