package io.finemem.transport.shm;

/**
 * Memory of a region that peers may map.
 *
 * @param slot place in the peers' tables of mappings
 * @param id number of the file, never used again
 * @param address first address, never used again
 * @param memory the bytes
 */
record RemoteExtent(int slot, long id, long address, Memory memory) {}
