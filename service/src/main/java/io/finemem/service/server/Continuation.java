package io.finemem.service.server;

import io.finemem.allocator.resume.ResumeReport;
import io.finemem.service.journal.SessionJournal;

/**
 * What a service needs to go on where its predecessor was killed or stopped.
 *
 * @param journal what the predecessor wrote down, and this one does; not closed by the service
 * @param identities names blocks of the owner for the next run
 * @param report what became of the owner and of the blocks that the journal names
 */
public record Continuation(SessionJournal journal, Identities identities, ResumeReport report) {}
