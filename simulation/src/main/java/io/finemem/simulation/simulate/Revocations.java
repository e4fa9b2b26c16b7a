package io.finemem.simulation.simulate;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.RequestRevoke;
import io.finemem.simulation.simulate.Client.Block;
import io.finemem.simulation.simulate.Client.Link;
import io.finemem.simulation.step.Ledger;
import io.finemem.simulation.step.Ledger.Actor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** A worker's frees in strict isolation: asked for and not waited for; what was revoked is learned later. */
final class Revocations {
    private static final Actor NOBODY = new Actor(false, Ledger.NONE, Ledger.NONE, Ledger.NONE);

    private final Worker worker;
    private final Client client;
    private final MetadataLayout layout;

    Revocations(Worker worker, Client client) {
        this.worker = worker;
        this.client = client;
        this.layout = client.node.layout;
    }

    /** Asks for the revocation of a block; the worker goes on at once. */
    void free(Block block) {
        if (client.ringIsFull()) {
            worker.pauseUnless(false);
            return;
        }
        client.blocks.remove(block);
        long position = client.push(block);
        long promise = block.confirmed ? block.entry : JournalSlot.EMPTY;
        RequestRevoke request =
                new RequestRevoke(layout).prepare(block.slot, JournalSlot.mask(block.entry), position, promise);
        worker.simulation.wire.run(request, new Asking());
        worker.done();
    }

    /**
     * Reads how far the ring was done with, and then the words of what was revoked.
     *
     * @param spareSlot slot that is free again if the connection fails, or NONE
     * @param then hears whether anything was
     */
    void collect(int spareSlot, Consumer<Boolean> then) {
        long[] head = new long[1];
        int segment = layout.segmentOf(client.firstSlot);
        worker.read(client, new BulkRead(List.of(layout.revokeHead(segment)), head), spareSlot, () -> {
            List<Block> revoked = client.acknowledge(head[0]);
            worker.simulation.revoked += revoked.size();
            if (revoked.isEmpty()) {
                then.accept(false);
            } else {
                refresh(revoked, spareSlot, () -> then.accept(true));
            }
        });
    }

    private void refresh(List<Block> revoked, int spareSlot, Runnable then) {
        Set<Integer> spans = new TreeSet<>();
        Set<Integer> sections = new TreeSet<>();
        for (Block block : revoked) {
            int unit = JournalSlot.unit(block.entry);
            switch (JournalSlot.type(block.entry)) {
                case JournalSlot.CHUNKS -> spans.add(unit);
                case JournalSlot.SPANS -> sections.add(unit);
                default -> {
                    for (int i = 0; i < JournalSlot.mask(block.entry); i++) {
                        sections.add(unit + i);
                    }
                }
            }
        }
        List<Long> offsets = new ArrayList<>();
        spans.forEach(span -> offsets.add(layout.spanHeader(span)));
        sections.forEach(section -> offsets.add(layout.sectionWord(section)));
        long[] words = new long[offsets.size()];
        worker.read(client, new BulkRead(offsets, words), spareSlot, () -> {
            int word = 0;
            for (int span : spans) {
                client.headers[span] = words[word++];
                client.working(worker.number).add(span);
            }
            for (int section : sections) {
                client.sectionWords[section] = words[word++];
            }
            then.run();
        });
    }

    /** If its connection fails, the place in the ring tells whether the entry was written. */
    private final class Asking implements Wire.Running {
        private Link link = worker.link(client);

        @Override
        public Actor actor() {
            return NOBODY;
        }

        @Override
        public Client client() {
            return client;
        }

        @Override
        public Link link() {
            return link;
        }

        @Override
        public void onOwner(Runnable action) {
            worker.owner.ifSame(client, action);
        }

        @Override
        public void finished() {
            // The block waits until the memory node has moved the head.
        }

        @Override
        public void lost() {
            worker.forget(client, link);
            link = client.connect();
        }
    }
}
