package io.finemem.simulation.simulate;

import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.ClaimSections;
import io.finemem.allocator.procedure.ClaimSpans;
import io.finemem.allocator.procedure.CloseSpan;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.simulation.simulate.Client.Block;
import io.finemem.simulation.step.Ledger;
import java.util.ArrayList;
import java.util.List;

/**
 * One request for room, in the order in which owners look: spans that they work in; a new span, from an empty one; working
 * spans that are contended; any open span of the pool.
 */
final class Search {
    private static final int HIGH = 2;
    private static final int SPANS_KEPT = 4;

    private enum Stage {
        CALM,
        NEW,
        NEW_WITH_FRESH_WORDS,
        CONTENDED,
        ANYWHERE,
        NOWHERE
    }

    private final Worker worker;
    private final Simulation simulation;
    private final Client client;
    private final MetadataLayout layout;
    private Stage stage = Stage.CALM;
    private List<Integer> candidates = new ArrayList<>();
    private int slot;
    private int order;
    private int retries;

    Search(Worker worker, Client client) {
        this.worker = worker;
        this.simulation = worker.simulation;
        this.client = client;
        this.layout = client.node.layout;
    }

    /** Adds a span to those worked in. */
    static void remember(Client client, int span) {
        if (!client.working.contains(span)) {
            client.working.add(span);
        }
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
            enter(Stage.CALM);
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

    private void enter(Stage next) {
        stage = next;
        candidates = new ArrayList<>();
        switch (next) {
            case CALM, CONTENDED -> {
                client.working.removeIf(
                        span -> !SpanHeader.open(client.headers[span]) || SpanHeader.map(client.headers[span]) == -1);
                for (int i = client.working.size() - 1; i >= 0; i--) {
                    int span = client.working.get(i);
                    boolean contended = SpanHeader.contention(client.headers[span]) == HIGH;
                    if (contended == (next == Stage.CONTENDED)) {
                        candidates.add(span);
                    }
                }
                claimNext();
            }
            case NEW -> openNew();
            case NEW_WITH_FRESH_WORDS -> readSections(this::openNew);
            case ANYWHERE -> readHeaders();
            case NOWHERE -> {
                client.giveSlot(slot);
                simulation.refused++;
                worker.done();
            }
        }
    }

    private void after() {
        enter(Stage.values()[stage.ordinal() + 1]);
    }

    private void claimNext() {
        while (!candidates.isEmpty()) {
            int span = candidates.remove(0);
            if (SpanDecisions.claimable(client.headers[span], order)) {
                claim(span);
                return;
            }
        }
        after();
    }

    private void claim(int span) {
        ClaimChunks claim =
                new ClaimChunks(layout, ContentionThresholds.DEFAULT).prepare(span, order, slot, client.headers[span]);
        worker.run(client, claim, slot, Ledger.NONE, Ledger.NONE, () -> {
            retries += claim.failedAttempts();
            client.headers[span] = claim.header();
            if (claim.state() == ClaimChunks.State.CLAIMED) {
                remember(client, span);
                held(JournalSlot.pendingChunks(span, claim.mask()));
            } else {
                claimNext();
            }
        });
    }

    private void held(long entry) {
        client.blocks.add(new Block(slot, entry));
        simulation.allocated(retries);
        worker.done();
    }

    private void openNew() {
        int sections = layout.sections();
        int start = Geometry.sectionOf(worker.startSpan(client));
        for (int i = 0; i < sections; i++) {
            int section = (start + i) % sections;
            int position = SectionDecisions.emptySpan(client.sectionWords[section]);
            if (position != SectionDecisions.NONE && !client.freeSlots.isEmpty()) {
                open(Geometry.spanOf(section, position));
                return;
            }
        }
        after();
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
                remember(client, span);
                held(JournalSlot.pendingChunks(span, open.mask()));
            } else {
                openNew();
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

    private void readHeaders() {
        List<Long> offsets = new ArrayList<>();
        for (int span = 0; span < layout.spans(); span++) {
            offsets.add(layout.spanHeader(span));
        }
        worker.read(client, new BulkRead(offsets, client.headers), slot, () -> {
            int start = worker.startSpan(client);
            for (int i = 0; i < layout.spans(); i++) {
                candidates.add((start + i) % layout.spans());
            }
            claimNext();
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
            enter(Stage.NOWHERE);
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
                held(JournalSlot.pendingSpans(section, claim.spanMask()));
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
            enter(Stage.NOWHERE);
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
                held(JournalSlot.pendingSections(first, count));
            } else {
                claimSections(count, fresh);
            }
        });
    }

    /** After a free: closes the span if it is empty and enough empty ones are kept. */
    void trim(int span) {
        long empty = client.working.stream()
                .filter(other -> SpanDecisions.closable(client.headers[other]))
                .count();
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
                client.working.remove((Integer) span);
            }
            worker.done();
        });
    }
}
