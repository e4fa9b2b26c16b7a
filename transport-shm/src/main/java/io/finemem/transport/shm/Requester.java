package io.finemem.transport.shm;

import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Operation;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes chains of one end on the memory of its peer: what the responder's device does, done by this CPU.
 *
 * <p>Every element on remote memory runs between {@link #enter} and {@link #leave}, and looks at the peer's state and at the
 * key after it has entered; neighbours under one rkey share one entry. See the package for why that is enough.
 *
 * <p><b>Thread-safety.</b> None: it belongs to the thread that posts and polls.
 */
final class Requester {
    private static final Logger LOG = LoggerFactory.getLogger(Requester.class);

    private final End own;
    private final End peer;
    private final FabricView view;
    private final WindowStep windows;
    private final ByteBuffer keys;
    private final int tagBits;
    private final long connectNanos;

    private long sequence;
    private boolean inside;
    private int rkeyAtWork;
    private boolean accepted;
    private boolean waiting;
    private long waitingSince;
    private long domain;
    private int servedRights;

    /** A WRITE was executed after the last full fence: a READ must not overtake it. */
    private boolean unfencedWrite;

    /** Where {@link #open} found the addressed bytes. */
    private @Nullable Memory memory;

    private long offset;

    Requester(End own, End peer, ShmDomain ownDomain, long connectMillis) {
        this.own = own;
        this.peer = peer;
        this.view = peer.view();
        this.windows = new WindowStep(ownDomain);
        this.keys = view.keys();
        this.tagBits = view.tagBits();
        this.connectNanos = TimeUnit.MILLISECONDS.toNanos(connectMillis);
        this.sequence = own.sequence();
    }

    /** Executes the rest of a chain; false if it must be called again. */
    boolean run(ShmChain chain) {
        CompletionStatus status = CompletionStatus.SUCCESS;
        try {
            while (chain.executed() < chain.size()) {
                status = execute(chain, chain.executed());
                if (status != CompletionStatus.SUCCESS) {
                    break;
                }
                chain.elementExecuted();
            }
        } catch (InternalError e) {
            // A fault in mapped memory: cut off from outside, or the medium failed. Compiled code may throw it later,
            // to the
            // program; here it must not leave an atomic to be executed again.
            LOG.warn("mapped memory is gone [peer={}]", view.name(), e);
            status = CompletionStatus.REMOTE_OPERATION_ERROR;
        } finally {
            leave();
        }
        if (status == CompletionStatus.IN_FLIGHT) {
            return false;
        }
        if (status != CompletionStatus.SUCCESS) {
            fail(status);
        }
        chain.finish(status, blames(status));
        return true;
    }

    private static boolean blames(CompletionStatus status) {
        return status != CompletionStatus.SUCCESS
                && status != CompletionStatus.FLUSHED
                && status != CompletionStatus.PEER_UNREACHABLE;
    }

    private void fail(CompletionStatus status) {
        windows.drop();
        own.change(End.CONNECTED, End.ERROR);
        if (blames(status)) {
            peer.change(End.CONNECTED, End.ERROR);
        }
    }

    private CompletionStatus execute(ShmChain chain, int element) {
        ShmWindow window = chain.window(element);
        if (window != null) {
            return executeWindow(chain, element, window);
        }
        CompletionStatus ready = ready(chain.rkey(element));
        if (ready != CompletionStatus.SUCCESS) {
            return ready;
        }
        ShmRegion local = chain.region(element);
        return local == null ? executeWord(chain, element) : transfer(chain, element, local);
    }

    /** Outside of {@link #enter}: it may have to wait for others, who may be waiting for this end. */
    private CompletionStatus executeWindow(ShmChain chain, int element, ShmWindow window) {
        leave();
        if (!own.is(End.CONNECTED)) {
            return CompletionStatus.FLUSHED;
        }
        ShmRegion region = chain.region(element);
        return region == null ? windows.invalidate(window) : windows.bind(window, region, chain, element);
    }

    /** Enters with this rkey if need be, and looks whether the connection stands. */
    private CompletionStatus ready(int rkey) {
        if (!accepted) {
            CompletionStatus acceptance = accept();
            if (acceptance != CompletionStatus.SUCCESS) {
                return acceptance;
            }
        }
        if (inside && rkey != rkeyAtWork) {
            leave();
        }
        if (!inside && !enter(rkey)) {
            return CompletionStatus.FLUSHED;
        }
        return standing();
    }

    private CompletionStatus standing() {
        if (!own.is(End.CONNECTED)) {
            return CompletionStatus.FLUSHED;
        }
        boolean reachable = peer.is(End.CONNECTED) && !view.dead();
        return reachable ? CompletionStatus.SUCCESS : CompletionStatus.PEER_UNREACHABLE;
    }

    /** Waits until the peer has connected its end to this one; once it has, that stays true of this incarnation. */
    private CompletionStatus accept() {
        if (!own.is(End.CONNECTED)) {
            return CompletionStatus.FLUSHED;
        }
        if (peer.is(End.CONNECTED) && peer.peer() == own.incarnation()) {
            domain = peer.domain();
            servedRights = peer.servedRights();
            accepted = true;
            return CompletionStatus.SUCCESS;
        }
        if (!peer.is(End.CREATED) || view.dead()) {
            return CompletionStatus.PEER_UNREACHABLE;
        }
        long now = System.nanoTime();
        waitingSince = waiting ? waitingSince : now;
        waiting = true;
        return now - waitingSince > connectNanos ? CompletionStatus.PEER_UNREACHABLE : CompletionStatus.IN_FLIGHT;
    }

    private boolean enter(int rkey) {
        inside = own.enter(sequence, rkey);
        rkeyAtWork = rkey;
        sequence += inside ? 1 : 0;
        return inside;
    }

    private void leave() {
        if (inside) {
            inside = false;
            own.leave(sequence);
            sequence++;
        }
    }

    private CompletionStatus executeWord(ShmChain chain, int element) {
        Operation operation = chain.operation(element);
        CompletionStatus opened = open(chain.rkey(element), chain.address(element), SharedWord.BYTES, right(operation));
        Memory target = memory;
        if (opened != CompletionStatus.SUCCESS || target == null) {
            return opened;
        }
        switch (operation) {
            case READ -> {
                fenceWrites();
                chain.result(element, target.getAcquire(offset));
            }
            case WRITE -> {
                target.putRelease(offset, chain.operand(element));
                unfencedWrite = true;
            }
            case COMPARE_AND_SWAP ->
                chain.result(
                        element, target.compareAndExchange(offset, chain.expected(element), chain.operand(element)));
            case FETCH_ADD -> chain.result(element, target.getAndAdd(offset, chain.operand(element)));
            default -> {
                return CompletionStatus.LOCAL_ERROR;
            }
        }
        return CompletionStatus.SUCCESS;
    }

    private static int right(Operation operation) {
        if (operation == Operation.READ) {
            return Rights.READ;
        }
        return operation == Operation.WRITE ? Rights.WRITE : Rights.ATOMIC;
    }

    private void fenceWrites() {
        if (unfencedWrite) {
            VarHandle.fullFence();
            unfencedWrite = false;
        }
    }

    private CompletionStatus transfer(ShmChain chain, int element, ShmRegion local) {
        boolean read = chain.operation(element) == Operation.READ;
        long length = chain.length(element);
        CompletionStatus opened =
                open(chain.rkey(element), chain.address(element), length, read ? Rights.READ : Rights.WRITE);
        Memory remote = memory;
        if (opened != CompletionStatus.SUCCESS || remote == null) {
            return opened;
        }
        if (local.closed()) {
            return CompletionStatus.LOCAL_ERROR;
        }
        return read
                ? read(remote, local.memory(), chain.offset(element), length)
                : write(remote, local.memory(), chain.offset(element), length);
    }

    private CompletionStatus read(Memory remote, Memory local, long localOffset, long length) {
        fenceWrites();
        CompletionStatus status = CompletionStatus.SUCCESS;
        for (long done = 0; done < length && status == CompletionStatus.SUCCESS; status = standing()) {
            done += Memory.copyPiece(remote, offset + done, local, localOffset + done, length - done, remote);
        }
        VarHandle.acquireFence();
        return status;
    }

    private CompletionStatus write(Memory remote, Memory local, long localOffset, long length) {
        VarHandle.releaseFence();
        unfencedWrite = true;
        CompletionStatus status = CompletionStatus.SUCCESS;
        for (long done = 0; done < length && status == CompletionStatus.SUCCESS; status = standing()) {
            done += Memory.copyPiece(local, localOffset + done, remote, offset + done, length - done, remote);
        }
        return status;
    }

    /** Checks key, domain, rights and bounds, and finds the bytes. */
    private CompletionStatus open(int rkey, long address, long length, int right) {
        memory = null;
        int slot = rkey >>> tagBits;
        if (slot == 0 || slot >= view.keyLimit()) {
            return CompletionStatus.REMOTE_ACCESS_ERROR;
        }
        int at = FabricLayout.keyAt(slot);
        long word = SharedWord.getVolatile(keys, at + FabricLayout.KEY_WORD);
        boolean allowed = FabricLayout.rkey(word) == rkey
                && (FabricLayout.rights(word) & servedRights & right) != 0
                && SharedWord.getPlain(keys, at + FabricLayout.KEY_DOMAIN) == domain;
        if (!allowed) {
            return CompletionStatus.REMOTE_ACCESS_ERROR;
        }
        long from = address - SharedWord.getPlain(keys, at + FabricLayout.KEY_ADDRESS);
        long bytes = SharedWord.getPlain(keys, at + FabricLayout.KEY_LENGTH);
        if (from < 0 || length > bytes || from > bytes - length) {
            return CompletionStatus.REMOTE_ACCESS_ERROR;
        }
        offset = address - SharedWord.getPlain(keys, at + FabricLayout.KEY_REGION_ADDRESS);
        return map(at);
    }

    private CompletionStatus map(int at) {
        int slot = (int) SharedWord.getPlain(keys, at + FabricLayout.KEY_REGION_SLOT);
        long id = SharedWord.getPlain(keys, at + FabricLayout.KEY_REGION_ID);
        try {
            memory = view.region(slot, id);
            return CompletionStatus.SUCCESS;
        } catch (IOException e) {
            LOG.warn("a region of the peer cannot be mapped [peer={}, region={}]", view.name(), id, e);
            return CompletionStatus.LOCAL_ERROR;
        }
    }
}
