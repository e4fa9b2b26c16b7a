package io.finemem.runtime.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * What the processes and the audits found.
 *
 * @param results one per compute process
 * @param whileHeld the pool while the processes held what their programs held at their ends
 * @param atEnd the pool when everything was freed
 */
record Outcome(List<ComputeResult> results, Audit whileHeld, Audit atEnd) {

    /** Overwritten blocks, failed calls and failed audits. */
    long failures() {
        long counted = results.stream().mapToLong(ComputeResult::failures).sum();
        return counted + (whileHeld.passed() ? 0 : 1) + (atEnd.passed() ? 0 : 1);
    }

    /** The first few in words. */
    List<String> firstFailures() {
        List<String> failures = new ArrayList<>();
        for (ComputeResult result : results) {
            result.firstFailures().forEach(text -> failures.add("compute process " + result.number() + ": " + text));
        }
        if (!whileHeld.passed()) {
            failures.add("the audit while blocks were held found " + whileHeld);
        }
        if (!atEnd.passed()) {
            failures.add("the audit after all frees found " + atEnd);
        }
        return failures;
    }
}
