package io.finemem.runtime.demo;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlLimits;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.spi.transport.Transports;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Main class of the children: {@code memory-node}, {@code service} or {@code compute}. Not for people. */
public final class DemoProcess {
    static final String MEMORY_NODE = "memory-node";
    static final String SERVICE = "service";
    static final String COMPUTE = "compute";
    /** Generous: under emulation a JVM may need a minute for what takes a second otherwise. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    static final ControlTimeouts TIMEOUTS = new ControlTimeouts(PATIENCE, PATIENCE, Duration.ofSeconds(2));
    static final ControlLimits LIMITS = new ControlLimits(16, 16, PATIENCE, PATIENCE);

    private static final Logger LOG = LoggerFactory.getLogger(DemoProcess.class);
    private static final int FAILED = 1;
    private static final int PARENT_GONE = 3;

    private DemoProcess() {}

    /** Does what the parent says on standard input; argument: the role. */
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err); // standard output is for messages only
        ChildLog.setUp();
        ParentLink link = ParentLink.open(System.in, out, ChildLog::silence);
        int status = run(arguments, link);
        if (status != 0) {
            Runtime.getRuntime().halt(flushed(out, status));
        }
    }

    private static int run(String[] arguments, ParentLink link) {
        try {
            switch (arguments.length == 1 ? arguments[0] : "") {
                case MEMORY_NODE -> new MemoryNodeRole(link).run();
                case SERVICE -> new ServiceRole(link).run();
                case COMPUTE -> new ComputeRole(link).run();
                default -> throw new IllegalArgumentException("no role: " + String.join(" ", arguments));
            }
            return 0;
        } catch (ParentLink.ParentGone e) {
            return PARENT_GONE;
        } catch (FineMemException e) {
            LOG.debug("gives up", e);
            return failed(link, e.code(), e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            LOG.error("gives up", e);
            return failed(link, ErrorCode.PROTOCOL_VIOLATION, e.toString());
        } finally {
            link.removeFilesOfGoneParent();
        }
    }

    private static int failed(ParentLink link, ErrorCode code, String text) {
        try {
            link.send(new Message.Failed(code, text));
            return FAILED;
        } catch (ParentLink.ParentGone e) {
            return PARENT_GONE;
        }
    }

    private static int flushed(PrintStream out, int status) {
        out.flush();
        return status;
    }

    /** Opens the transport that the parent has chosen. */
    static Transport openTransport(Message.Fabric fabric) {
        TransportSettings settings = TransportSettings.of("finemem.transport." + fabric.transport(), fabric.settings());
        return Transports.discover()
                .choose(fabric.transport(), name -> settings)
                .provider()
                .open(settings);
    }

    /** Opens a session with the memory node. */
    static MemoryNodeControl session(Message.Fabric fabric, int port, String name) {
        return ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), secret(fabric), name, TIMEOUTS);
    }

    static PresharedSecret secret(Message.Fabric fabric) {
        return PresharedSecret.of(Base64.getDecoder().decode(fabric.secret()));
    }
}
