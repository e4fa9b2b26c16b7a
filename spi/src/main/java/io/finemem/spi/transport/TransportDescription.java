package io.finemem.spi.transport;

/**
 * What really carries the operations.
 *
 * @param transport name of the provider
 * @param device device and port, such as {@code mlx5_0/1}, or the path of the mapped file
 * @param detail address, link layer, limits, in words for people
 */
public record TransportDescription(String transport, String device, String detail) {}
