package io.finemem.spi.provider;

/** Entry of a plug-in, whatever it plugs into. */
public interface Provider {

    /** Unique name among the plug-ins of one kind, lower case, as used in the configuration. */
    String name();

    /** Version of the SPI that the plug-in was compiled against; others are refused at discovery. */
    int spiVersion();
}
