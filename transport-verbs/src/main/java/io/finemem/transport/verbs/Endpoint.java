package io.finemem.transport.verbs;

/**
 * Where a transport sits: device, port and the address that peers route to.
 *
 * @param device the device
 * @param port one of its ports, active
 * @param gid one of the port's GIDs
 */
public record Endpoint(RdmaDevice device, RdmaPort port, Gid gid) {

    /** Such as {@code mlx5_0/1}. */
    public String name() {
        return device.name() + "/" + port.number();
    }

    @Override
    public String toString() {
        return device + " port " + port.number() + ", " + port.linkLayer() + ", GID " + gid;
    }
}
