package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.spi.transport.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks over the metadata and checks, per span:
 *
 * <ul>
 *   <li>a span that is empty or taken whole is closed and has no chunk in use (I3);
 *   <li>chunks are in use only in an open span (I3);
 *   <li>an open span that is closed in its header is named by a transition slot (I4);
 *   <li>every chunk and whole span in use is covered by a journal slot of an owner (I2);
 *   <li>in strict isolation: the table holds the rkey of every block's window (I6).
 * </ul>
 *
 * Owners may work meanwhile. A span counts as violated only if its words did not change while its slots were looked up; one
 * that looks wrong but changed is looked at again, a bounded number of times.
 */
final class Auditor {
    private static final int ROUNDS = 64;

    private final String memoryNode;
    private final MemoryRegion metadata;
    private final MetadataLayout layout;
    private final int owners;
    private final List<String> violations = new ArrayList<>();
    private final Coverage coverage;
    private int openSpans;
    private long usedChunks;
    private long explainedChunks;

    Auditor(String memoryNode, MemoryRegion metadata, MetadataLayout layout, int owners) {
        this.memoryNode = memoryNode;
        this.metadata = metadata;
        this.layout = layout;
        this.owners = owners;
        this.coverage = new Coverage(metadata, layout);
    }

    /**
     * Audits.
     *
     * @param keyViolations what is wrong with the rkeys of blocks
     */
    AuditReport audit(List<String> keyViolations) {
        violations.addAll(keyViolations);
        boolean[] judged = new boolean[layout.spans()];
        int open = layout.spans();
        for (int round = 0; round < ROUNDS && open > 0; round++) {
            open -= round(judged, round == ROUNDS - 1);
        }
        if (open > 0) {
            violations.add(open + " spans changed during every look: audit again under less load");
        }
        return new AuditReport(
                memoryNode, layout.sections(), openSpans, usedChunks, explainedChunks, owners, violations);
    }

    /** Judges the spans that look right, or whose words stay the same while the journal is read; returns how many. */
    private int round(boolean[] judged, boolean last) {
        long[] headers = new long[layout.spans()];
        long[] sections = new long[layout.sections()];
        readWords(headers, sections);
        coverage.read();
        int count = 0;
        for (int span = 0; span < headers.length; span++) {
            long header = headers[span];
            long section = sections[Geometry.sectionOf(span)];
            if (judged[span] || !looksRight(span, header, section) && changed(span, header, section)) {
                continue;
            }
            judged[span] = judge(span, header, section, last);
            count += judged[span] ? 1 : 0;
        }
        return count;
    }

    /** Open in both words or in none, and every unit in use covered: so it was at one time, whatever happened since. */
    private boolean looksRight(int span, long header, long section) {
        int state = SectionWord.state(section, Geometry.spanInSection(span));
        boolean open = state == SectionWord.OPEN || state == SectionWord.DISCOURAGED;
        int taken = coverage.spans(Geometry.sectionOf(span)) >> Geometry.spanInSection(span) & 1;
        return open == SpanHeader.open(header)
                && (SpanHeader.map(header) & ~coverage.chunks(span)) == 0
                && (open || SpanHeader.map(header) == 0)
                && (state != SectionWord.TAKEN || taken != 0);
    }

    private void readWords(long[] headers, long[] sections) {
        for (int section = 0; section < sections.length; section++) {
            sections[section] = metadata.getWord(layout.sectionWord(section));
        }
        for (int span = 0; span < headers.length; span++) {
            headers[span] = metadata.getWord(layout.spanHeader(span));
        }
    }

    private boolean changed(int span, long header, long section) {
        return metadata.getWord(layout.spanHeader(span)) != header
                || metadata.getWord(layout.sectionWord(Geometry.sectionOf(span))) != section;
    }

    /** Judges one span; false if it may be in the middle of a transition and should be looked at again. */
    private boolean judge(int span, long header, long section, boolean last) {
        int state = SectionWord.state(section, Geometry.spanInSection(span));
        boolean open = state == SectionWord.OPEN || state == SectionWord.DISCOURAGED;
        int map = SpanHeader.map(header);
        if (open && !SpanHeader.open(header) && !coverage.inTransition(span) && !last) {
            return false;
        }
        if (!open && (SpanHeader.open(header) || map != 0)) {
            violation("I3", span, header, "is not open in its section but in use", section);
        }
        if (!SpanHeader.open(header) && map != 0) {
            violation("I3", span, header, "is closed but has chunks in use", section);
        }
        if (open && !SpanHeader.open(header) && !coverage.inTransition(span)) {
            violation("I4", span, header, "is in transition but no journal slot names it", section);
        }
        int unexplained = map & ~coverage.chunks(span);
        if (unexplained != 0) {
            violation("I2", span, header, "has chunks in use that no journal slot covers", section);
        }
        openSpans += SpanHeader.open(header) ? 1 : 0;
        usedChunks += Integer.bitCount(map);
        explainedChunks += Integer.bitCount(map & coverage.chunks(span));
        if (state == SectionWord.TAKEN) {
            judgeTaken(span, header, section);
        }
        return true;
    }

    private void judgeTaken(int span, long header, long section) {
        boolean explained = (coverage.spans(Geometry.sectionOf(span)) >> Geometry.spanInSection(span) & 1) != 0;
        usedChunks += Geometry.CHUNKS_PER_SPAN;
        explainedChunks += explained ? Geometry.CHUNKS_PER_SPAN : 0;
        if (!explained) {
            violation("I2", span, header, "is taken whole but no journal slot covers it", section);
        }
    }

    private void violation(String invariant, int span, long header, String what, long section) {
        violations.add(invariant + ": span " + span + " " + what + ": " + SpanHeader.toString(header) + " "
                + SectionWord.toString(section));
    }
}
