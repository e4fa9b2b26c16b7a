package io.finemem.service.client;

import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.data.HeapPorts;
import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.data.ReusableApplicationBlock;
import io.finemem.api.AllocationRequest;
import io.finemem.api.BufferPool;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.OperationTimeout;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.service.ipc.BlockRecord;
import io.finemem.service.ipc.Counters;
import io.finemem.service.ipc.LabelWords;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.service.ipc.SegmentLayout;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Remote memory through the allocation service of this machine. Allocations and frees go to the service; the bytes go directly to
 * the memory nodes, over connections of this process that reach nothing but heaps.
 *
 * <p>When the service ends the session, or dies, all that this application held is given back and every call throws {@link
 * io.finemem.api.ServiceLost}.
 */
public final class ServiceMemory implements RemoteMemory {
    private final ServiceLink link;
    private final Mailboxes mailboxes;
    private final ProtectionDomain domain;
    private final DataPath data;
    private final TransportDescription transport;
    private final Answers answers;
    private final AsyncCalls calls;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Of the label that was asked for last. */
    private volatile @Nullable LabelWords lastLabel;

    private ServiceMemory(Transport transport, ServiceLink link, ServiceClientOptions options) {
        this.link = link;
        this.transport = transport.description();
        this.mailboxes = new Mailboxes(link, options.spin().toNanos());
        this.calls = new AsyncCalls(options.threads());
        this.domain = transport.newDomain();
        List<ServiceConnector> connectors = new ArrayList<>();
        for (String node : link.welcome().nodes()) {
            connectors.add(new ServiceConnector(domain, link, connectors.size(), node));
        }
        HeapPorts ports = new HeapPorts(
                domain,
                connectors,
                options.threads(),
                options.operationTimeout().toNanos());
        this.answers = new Answers(link, mailboxes, domain, ports);
        this.data = new DataPath(ports, options.data(), this::giveBack);
    }

    /**
     * Opens a session with the service.
     *
     * @param transport what carries the bytes, the same kind as the memory nodes'; not closed by this object, and to be closed after
     *     it
     * @throws io.finemem.api.ServiceLost if no service answers
     * @throws io.finemem.api.InvalidRequest if the service does not admit this user
     * @throws io.finemem.api.OutOfLocalResources if the service, or this process, has no room for another session
     */
    public static ServiceMemory open(Transport transport, ServiceClientOptions options) {
        ServiceLink link = Handshake.open(options);
        try {
            return new ServiceMemory(transport, link, options);
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    @Override
    public RemoteBlock allocate(long bytes) {
        checkLength(bytes);
        return allocate(bytes, null);
    }

    @Override
    public RemoteBlock allocate(AllocationRequest request) {
        checkLength(request.bytes());
        return allocate(request.bytes(), wordsOf(request.label()));
    }

    private RemoteBlock allocate(long bytes, @Nullable LabelWords label) {
        int position = mailboxes.acquire();
        try {
            ask(position, bytes, label);
            return data.hand(answers.take(position));
        } finally {
            mailboxes.release(position);
        }
    }

    /** For one block. */
    private void ask(int position, long bytes, @Nullable LabelWords label) {
        if (label == null) {
            mailboxes.call(position, Opcode.ALLOCATE, 1, bytes);
        } else {
            label.putInto(mailboxes.box(position));
            mailboxes.call(position, Opcode.ALLOCATE_LABELLED, label.bytes(), bytes);
        }
    }

    /** Null for no label; no garbage for the same label as before. */
    private @Nullable LabelWords wordsOf(String label) {
        if (label.isEmpty()) {
            return null;
        }
        LabelWords words = lastLabel;
        if (words == null || !words.label().equals(label)) {
            words = LabelWords.of(label);
            lastLabel = words;
        }
        return words;
    }

    @Override
    public ReusableBlock newReusableBlock() {
        return data.newReusableBlock(answers::vacant);
    }

    @Override
    public void allocateInto(ReusableBlock block, long bytes) {
        allocateInto(block, bytes, null);
    }

    @Override
    public void allocateInto(ReusableBlock block, AllocationRequest request) {
        allocateInto(block, request.bytes(), wordsOf(request.label()));
    }

    private void allocateInto(ReusableBlock block, long bytes, @Nullable LabelWords label) {
        ReusableApplicationBlock ours = data.requireReusable(block);
        checkLength(bytes);
        ServiceBlock vacant = (ServiceBlock) ours.reserve();
        try {
            fill(vacant, bytes, label);
            ours.holds(vacant);
        } finally {
            ours.release();
        }
    }

    private void fill(ServiceBlock vacant, long bytes, @Nullable LabelWords label) {
        int position = mailboxes.acquire();
        try {
            ask(position, bytes, label);
            answers.takeInto(position, vacant);
        } finally {
            mailboxes.release(position);
        }
    }

    @Override
    public List<RemoteBlock> allocateAll(long bytes, int count) {
        checkLength(bytes);
        if (count < 0) {
            throw new InvalidRequest("count must be 0 or more", "count", count);
        }
        List<HeldBlock> blocks = new ArrayList<>();
        try {
            takeAll(bytes, count, blocks);
        } catch (FineMemException e) {
            takeBack(blocks, e);
            throw e;
        }
        return blocks.stream().map(data::hand).toList();
    }

    /** Blocks are added a request at a time. */
    private void takeAll(long bytes, int count, List<HeldBlock> blocks) {
        int position = mailboxes.acquire();
        try {
            while (blocks.size() < count) {
                take(position, bytes, Math.min(SegmentLayout.MAX_BATCH, count - blocks.size()), blocks);
            }
        } finally {
            mailboxes.release(position);
        }
    }

    private void checkLength(long bytes) {
        if (bytes < 1 || bytes > maxBlockBytes()) {
            throw new InvalidRequest("a block must have 1 to " + maxBlockBytes() + " bytes", "bytes", bytes);
        }
    }

    /** One request; all its blocks are added or none. */
    private void take(int position, long bytes, int count, List<HeldBlock> blocks) {
        mailboxes.call(position, Opcode.ALLOCATE, count, bytes);
        Mailbox box = mailboxes.box(position);
        BlockRecord[] records = new BlockRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = box.record(i); // before the mailbox is used to ask for keys
        }
        List<ServiceBlock> taken = new ArrayList<>(count);
        try {
            for (BlockRecord record : records) {
                taken.add(answers.described(position, record));
            }
        } catch (FineMemException e) {
            for (int i = 0; i < count; i++) {
                box.putRequestWord(i, records[i].handle());
            }
            mailboxes.call(position, Opcode.FREE, count, 0);
            throw e;
        }
        blocks.addAll(taken);
    }

    /** Frees what was taken before the failure; what cannot be freed now is freed with the session. */
    private void takeBack(List<HeldBlock> blocks, FineMemException failure) {
        try {
            giveBack(blocks);
        } catch (FineMemException e) {
            failure.addSuppressed(e);
        }
    }

    /** Frees as many blocks as one request names, from a position on. */
    private int free(int position, List<? extends HeldBlock> blocks, int first) {
        int count = Math.min(SegmentLayout.MAX_BATCH, blocks.size() - first);
        for (int i = 0; i < count; i++) {
            mailboxes.box(position).putRequestWord(i, ((ServiceBlock) blocks.get(first + i)).name());
        }
        mailboxes.call(position, Opcode.FREE, count, 0);
        return count;
    }

    @Override
    public void free(RemoteBlock block) {
        data.free(block);
    }

    @Override
    public void freeAll(Collection<? extends RemoteBlock> blocks) {
        List<HeldBlock> marked = data.takeBackAll(blocks);
        giveBack(marked);
        data.released(blocks);
    }

    @Override
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        return calls.start(() -> allocate(bytes), RemoteBlock::close, () -> {});
    }

    @Override
    public CompletionStage<@Nullable Void> freeAsync(RemoteBlock block) {
        HeldBlock marked;
        try {
            marked = data.takeBackLater(block);
        } catch (InvalidRequest e) {
            return CompletableFuture.failedFuture(e);
        }
        return calls.start(
                () -> {
                    marked.awaitUnused();
                    giveBack(marked);
                    data.released(block);
                    return null;
                },
                done -> {},
                marked::unmarkFreed);
    }

    private void giveBack(HeldBlock marked) {
        if (closed.get()) {
            return; // close() gives everything back
        }
        int position;
        try {
            position = mailboxes.acquire();
        } catch (FineMemException e) {
            marked.unmarkFreed();
            throw e;
        }
        try {
            mailboxes.box(position).putRequestWord(0, ((ServiceBlock) marked).name());
            mailboxes.call(position, Opcode.FREE, 1, 0);
        } catch (OperationTimeout e) {
            if (mailboxes.answered(position)) {
                marked.unmarkFreed(); // all workers of the service stayed busy: it is still held
            }
            throw e;
        } finally {
            mailboxes.release(position);
        }
    }

    /** Blocks that the service has not heard of when it fails are held as before. */
    private void giveBack(List<HeldBlock> marked) {
        if (closed.get() || marked.isEmpty()) {
            return; // close() gives everything back
        }
        int position;
        try {
            position = mailboxes.acquire();
        } catch (FineMemException e) {
            marked.forEach(HeldBlock::unmarkFreed);
            throw e;
        }
        int done = 0;
        try {
            while (done < marked.size()) {
                done += free(position, marked, done);
            }
        } catch (FineMemException e) {
            // A timeout that the service itself tells: all its workers stayed busy, and the blocks are still held.
            boolean untouched = e instanceof OperationTimeout && mailboxes.answered(position);
            int held = untouched ? done : Math.min(done + SegmentLayout.MAX_BATCH, marked.size());
            marked.subList(held, marked.size()).forEach(HeldBlock::unmarkFreed);
            throw e;
        } finally {
            mailboxes.release(position);
        }
    }

    /** Asks the service for nothing; returns when it has answered. */
    public void ping() {
        int position = mailboxes.acquire();
        try {
            mailboxes.call(position, Opcode.PING, 0, 0);
        } finally {
            mailboxes.release(position);
        }
    }

    @Override
    public long maxBlockBytes() {
        return link.welcome().maxBlockBytes();
    }

    @Override
    public BufferPool buffers() {
        return data.buffers();
    }

    /** As the service counts them; what they cost on the fabric is the service's, and 0 here. */
    @Override
    public MemoryStatistics statistics() {
        int position = mailboxes.acquire();
        try {
            mailboxes.call(position, Opcode.STATISTICS, 0, 0);
            Counters counters = mailboxes.box(position).counters();
            return new MemoryStatistics(
                    counters.allocations(),
                    counters.frees(),
                    counters.failedAllocations(),
                    counters.liveBlocks(),
                    counters.liveBytes(),
                    0,
                    0,
                    0,
                    0,
                    data.leakedBlocks());
        } finally {
            mailboxes.release(position);
        }
    }

    @Override
    public String describe() {
        return transport.transport() + " on " + transport.device() + " (" + transport.detail()
                + "), through the allocation service, memory nodes "
                + answers.nodes().stream().distinct().collect(Collectors.joining(", "));
    }

    /** Leaves the service, which gives back all blocks of this instance, and releases the connections. Later calls do nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        calls.close();
        data.shut();
        link.close();
        mailboxes.close();
        data.close();
        domain.close();
    }
}
