/** What a plug-in of FineMem implements: transports of one-sided operations, and their discovery. */
module io.finemem.spi {
    requires transitive io.finemem.api;
    requires static transitive org.jspecify;

    exports io.finemem.spi.transport;

    uses io.finemem.spi.transport.TransportProvider;
}
