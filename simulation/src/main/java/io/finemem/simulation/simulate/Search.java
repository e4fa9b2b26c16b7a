package io.finemem.simulation.simulate;

import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.ClaimSections;
import io.finemem.allocator.procedure.ClaimSpans;
import io.finemem.allocator.procedure.CloseSpan;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.search.ChunkSteps;
import io.finemem.allocator.search.WorkingSpans;
import io.finemem.simulation.simulate.Client.Block;
import io.finemem.simulation.step.Ledger;
import java.util.ArrayList;
import java.util.List;

/** One request for room: executes what {@link ChunkSteps} decides, as owners do. */
final class Search {
    private static final int SPANS_KEPT = 4;

    private final Worker worker;
    private final Simulation simulation;
    private final Client client;
    private final MetadataLayout layout;
    private final WorkingSpans working;
    private final ChunkSteps steps;
    private int slot;
    private int order;
    private int retries;

    Search(Worker worker, Client client) {
        this.worker = worker;
        this.simulation = worker.simulation;
        this.client = client;
        this.layout = client.node.layout;
        this.working = client.working(worker.number);
        this.steps = client.steps(worker.number, worker.startSpan(client));
    }

    void start() {
        slot = client.takeSlot();
        int kind = drawKind();
        if (kind == 5) {
            claimSpans(simulation.random.nextInt(5), false);
        } else if (kind == 6 && layout.sections() > 1) {
            claimSections(2 + simulation.random.nextInt(layout.sections() - 1), false);
        } else {
            order = Math.min(kind, Geometry.MAX_CHUNK_ORDER);
            steps.start(order);
            goOn();
        }
    }

    private int drawKind() {
        int sizes = simulation.knobs.sizes();
        int kind;
        do {
            kind = simulation.random.nextInt(7);
        } while ((sizes >>> kind & 1) == 0);
        return kind;
    }

    private void goOn() {
        switch (steps.next()) {
            case CLAIM -> claim(steps.span());
            case OPEN -> {
                if (client.freeSlots.isEmpty()) {
                    noRoom();
                } else {
                    open(steps.span());
                }
            }
            case COLLECT_REVOKED ->
                new Revocations(worker, client).collect(slot, any -> {
                    if (!any) {
                        steps.nothingRevoked();
                    }
                    goOn();
                });
            case REFRESH_SECTIONS -> readSections(this::goOn);
            case REFRESH_HEADERS -> readHeaders(steps.part());
            case NO_ROOM -> noRoom();
        }
    }

    private void noRoom() {
        client.giveSlot(slot);
        simulation.refused++;
        if (client.waiting.isEmpty()) {
            worker.done();
        } else {
            new Revocations(worker, client).collect(Ledger.NONE, worker::pauseUnless);
        }
    }

    private void claim(int span) {
        ClaimChunks claim =
                new ClaimChunks(layout, ContentionThresholds.DEFAULT).prepare(span, order, slot, client.headers[span]);
        worker.run(client, claim, slot, Ledger.NONE, Ledger.NONE, () -> {
            retries += claim.failedAttempts();
            client.headers[span] = claim.header();
            if (claim.state() == ClaimChunks.State.CLAIMED) {
                working.changed(span, claim.failedAttempts() == 0);
                held(JournalSlot.pendingChunks(span, claim.mask()), claim.rkey());
            } else {
                goOn();
            }
        });
    }

    private void held(long entry, int... rkeys) {
        client.blocks.add(new Block(slot, entry, rkeys));
        if (client.node.strict() && client.state == Client.State.LIVE) {
            client.node.windows.give(entry, rkeys);
        }
        simulation.allocated(retries);
        worker.done();
    }

    private void open(int span) {
        int section = Geometry.sectionOf(span);
        int transition = client.takeSlot();
        OpenSpan open = new OpenSpan(layout).prepare(span, order, transition, slot, client.sectionWords[section]);
        worker.run(client, open, slot, transition, Ledger.NONE, () -> {
            client.giveSlot(transition);
            retries += open.failedAttempts();
            client.sectionWords[section] = open.sectionWord();
            if (open.state() == OpenSpan.State.OPENED) {
                client.headers[span] = open.header();
                working.add(span);
                held(JournalSlot.pendingChunks(span, open.mask()), open.rkey());
            } else {
                goOn();
            }
        });
    }

    private void readSections(Runnable then) {
        List<Long> offsets = new ArrayList<>();
        for (int section = 0; section < layout.sections(); section++) {
            offsets.add(layout.sectionWord(section));
        }
        BulkRead read = new BulkRead(offsets, client.sectionWords);
        worker.read(client, read, slot, then);
    }

    private void readHeaders(int part) {
        int first = Geometry.spanOf(part * Client.SECTIONS_PER_PART, 0);
        int end = Math.min(Geometry.spanOf((part + 1) * Client.SECTIONS_PER_PART, 0), layout.spans());
        List<Long> offsets = new ArrayList<>();
        for (int span = first; span < end; span++) {
            offsets.add(layout.spanHeader(span));
        }
        long[] headers = new long[end - first];
        worker.read(client, new BulkRead(offsets, headers), slot, () -> {
            System.arraycopy(headers, 0, client.headers, first, headers.length);
            goOn();
        });
    }

    private void claimSpans(int spanOrder, boolean fresh) {
        for (int section = 0; section < layout.sections(); section++) {
            if (SectionDecisions.emptyRun(client.sectionWords[section], spanOrder) != SectionDecisions.NONE) {
                claimSpansIn(section, spanOrder, fresh);
                return;
            }
        }
        if (fresh) {
            noRoom();
        } else {
            readSections(() -> claimSpans(spanOrder, true));
        }
    }

    private void claimSpansIn(int section, int spanOrder, boolean fresh) {
        ClaimSpans claim = new ClaimSpans(layout).prepare(section, spanOrder, slot, client.sectionWords[section]);
        worker.run(client, claim, slot, Ledger.NONE, Ledger.NONE, () -> {
            retries += claim.failedAttempts();
            client.sectionWords[section] = claim.word();
            if (claim.state() == ClaimSpans.State.CLAIMED) {
                held(JournalSlot.pendingSpans(section, claim.spanMask()), claim.rkey());
            } else {
                claimSpans(spanOrder, fresh);
            }
        });
    }

    private void claimSections(int count, boolean fresh) {
        int run = 0;
        for (int section = 0; section < layout.sections(); section++) {
            run = SectionDecisions.allEmpty(client.sectionWords[section]) ? run + 1 : 0;
            if (run == count) {
                claimRun(section - count + 1, count, fresh);
                return;
            }
        }
        if (fresh) {
            noRoom();
        } else {
            readSections(() -> claimSections(count, true));
        }
    }

    private void claimRun(int first, int count, boolean fresh) {
        ClaimSections claim = new ClaimSections(layout).prepare(first, count, slot);
        for (int i = 0; i < count; i++) {
            claim.expect(i, client.sectionWords[first + i]);
        }
        worker.run(client, claim, slot, Ledger.NONE, first, () -> {
            retries += claim.failedAttempts();
            for (int i = 0; i < count; i++) {
                client.sectionWords[first + i] = claim.word(i);
            }
            if (claim.state() == ClaimSections.State.CLAIMED) {
                held(JournalSlot.pendingSections(first, count), claim.rkeys());
            } else {
                claimSections(count, fresh);
            }
        });
    }

    /** After a free: closes the span if it is empty and enough empty ones are kept. */
    void trim(int span) {
        int empty = 0;
        for (int i = 0; i < working.size(); i++) {
            empty += SpanDecisions.closable(client.headers[working.get(i)]) ? 1 : 0;
        }
        boolean surplus = simulation.calm() || empty > SPANS_KEPT;
        if (!SpanDecisions.closable(client.headers[span]) || !surplus || client.freeSlots.isEmpty()) {
            worker.done();
            return;
        }
        int section = Geometry.sectionOf(span);
        int transition = client.takeSlot();
        CloseSpan close =
                new CloseSpan(layout).prepare(span, transition, client.headers[span], client.sectionWords[section]);
        worker.run(client, close, Ledger.NONE, transition, Ledger.NONE, () -> {
            client.giveSlot(transition);
            client.headers[span] = close.header();
            if (close.state() == CloseSpan.State.CLOSED) {
                client.sectionWords[section] = close.sectionWord();
                working.remove(span);
            }
            worker.done();
        });
    }
}
