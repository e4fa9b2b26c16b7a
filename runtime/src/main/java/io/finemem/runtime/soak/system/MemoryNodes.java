package io.finemem.runtime.soak.system;

import io.finemem.allocator.control.AuditReport;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The memory nodes of a run, each a process and a session of its control channel. Used by one thread. */
final class MemoryNodes implements AutoCloseable {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Pattern ADDRESS = Pattern.compile("ready name=\\S+ address=\\S+:(\\d+) .*");

    private final SystemLayout layout;
    private final Daemons daemons;
    private final Patience patience;
    private final ControlTimeouts timeouts;
    private final List<SystemProcess> nodes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<ControlClient> controls = new ArrayList<>();
    private long audits;

    MemoryNodes(SystemLayout layout, Daemons daemons, Patience patience) {
        this.layout = layout;
        this.daemons = daemons;
        this.patience = patience;
        timeouts = new ControlTimeouts(patience.limit(), patience.limit(), HEARTBEAT);
    }

    /** Side by side; returns when all can be used. */
    void start(int count) {
        for (int i = 0; i < count; i++) {
            nodes.add(launch(i, 0));
        }
        for (SystemProcess node : nodes) {
            ports.add(awaitPort(node));
            controls.add(control(ports.get(ports.size() - 1)));
        }
        patience.check(() -> nodes.forEach(SystemProcess::requireGood));
    }

    private SystemProcess launch(int node, int port) {
        return daemons.start(SystemLayout.nodeName(node), "memory-node", layout.memoryNode(node, port));
    }

    private int awaitPort(SystemProcess node) {
        patience.await(node.name() + " to be ready", () -> {
            node.requireGood();
            return !node.ready().isEmpty();
        });
        Matcher address = ADDRESS.matcher(node.ready());
        if (!address.matches()) {
            throw node.failed("it says " + node.ready());
        }
        return Integer.parseInt(address.group(1));
    }

    private ControlClient control(int port) {
        return ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                PresharedSecret.load(layout.secret()),
                "soak",
                timeouts);
    }

    int count() {
        return nodes.size();
    }

    /** Where their control channels listen. */
    List<Integer> ports() {
        return List.copyOf(ports);
    }

    SystemProcess process(int node) {
        return nodes.get(node);
    }

    /** Asks one; a busy machine, or a fault, may have ended the session, which is opened again. */
    <T> T ask(int node, Function<ControlClient, T> question) {
        try {
            return question.apply(controls.get(node));
        } catch (MemoryNodeLost | OperationTimeout e) {
            controls.get(node).close();
            controls.set(node, control(ports.get(node)));
            return question.apply(controls.get(node));
        }
    }

    /** Whether an owner of that name lives there. */
    boolean owned(int node, String name) {
        return ask(node, ControlClient::inspect).owners().stream()
                .anyMatch(owner -> owner.live() && owner.peerName().equals(name));
    }

    /** SIGKILL; it comes back at the same port with nothing of what it held. */
    void restart(int node) {
        nodes.get(node).kill();
        controls.get(node).close();
        nodes.set(node, launch(node, ports.get(node)));
        controls.set(node, control(awaitPort(nodes.get(node))));
    }

    /** Every invariant of every pool holds, while owners go on. */
    void requireSound() {
        for (int i = 0; i < nodes.size(); i++) {
            requireSound(i, ask(i, ControlClient::audit));
        }
    }

    private void requireSound(int node, AuditReport audit) {
        if (!audit.violations().isEmpty()) {
            throw nodes.get(node).failed("the audit finds broken invariants: " + audit);
        }
        audits++;
    }

    /** What an audit finds, good or not, of each that answers, in a line each. */
    List<String> findings() {
        List<String> findings = new ArrayList<>();
        for (int i = 0; i < controls.size(); i++) {
            String name = SystemLayout.nodeName(i);
            try {
                findings.add(name + ": " + ask(i, ControlClient::audit));
                findings.add(name + ": " + ask(i, ControlClient::statistics));
            } catch (FineMemException e) {
                findings.add(name + " cannot be audited: " + e);
            }
        }
        return findings;
    }

    /** How many audits found nothing. */
    long audits() {
        return audits;
    }

    /** Waits until no more than that is in use at each, and all of it is explained by journals. */
    void awaitUsed(String what, long most) {
        for (int i = 0; i < nodes.size(); i++) {
            awaitUsed(what, most, i);
        }
    }

    private void awaitUsed(String what, long most, int node) {
        AuditReport[] last = new AuditReport[1];
        try {
            patience.await(what, () -> {
                last[0] = ask(node, ControlClient::audit);
                requireSound(node, last[0]);
                return last[0].usedChunks() == last[0].explainedChunks() && last[0].usedChunks() <= most;
            });
        } catch (OperationTimeout e) {
            ProtocolViolation lost = nodes.get(node).failed("chunks are lost: " + last[0]);
            lost.addSuppressed(e);
            throw lost;
        }
    }

    void terminate() {
        close();
        nodes.forEach(SystemProcess::terminate);
    }

    /** Ends the sessions, not the processes. */
    @Override
    public void close() {
        controls.forEach(ControlClient::close);
        controls.clear();
    }
}
