package io.finemem.runtime.doctor;

import java.util.List;

/**
 * All findings, as seen by the transport that would be used.
 *
 * @param transport that the configuration asks for, or that {@code auto} takes; empty if there is none that works
 * @param requested what the configuration says
 * @param findings in the order of the checks
 */
public record Diagnosis(String transport, String requested, List<Finding> findings) {

    /** Takes a copy of the list. */
    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /** Whether the transport can be used: nothing that it needs is broken. */
    public boolean usable() {
        return !transport.isEmpty() && findings.stream().noneMatch(finding -> finding.level() == Finding.Level.PROBLEM);
    }
}
