package io.finemem.runtime.demo;

import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.runtime.control.ControlServer;
import io.finemem.spi.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The child that lends memory. */
final class MemoryNodeRole {
    private static final String NAME = "mn0";

    private final ParentLink link;

    MemoryNodeRole(ParentLink link) {
        this.link = link;
    }

    void run() {
        Message.ServeMemory order = link.receive(Message.ServeMemory.class);
        link.watchOver(order.fabric().directory());
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        MemoryNodeOptions options = MemoryNodeOptions.of(NAME, order.poolBytes())
                .withIsolation(order.isolation())
                .withZeroOnFree(order.zeroOnFree());
        try (Transport transport = DemoProcess.openTransport(order.fabric());
                MemoryNode node = MemoryNode.open(transport, options);
                ControlServer server = ControlServer.start(
                        anyPort, DemoProcess.LIMITS, DemoProcess.secret(order.fabric()), node::newSession)) {
            link.send(new Message.Serving(server.address().getPort()));
            link.receive(Message.Finish.class);
        }
    }
}
