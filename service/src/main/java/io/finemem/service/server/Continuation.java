package io.finemem.service.server;

import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeReport;
import io.finemem.api.RemoteBlock;
import io.finemem.service.journal.SessionJournal;
import java.util.function.Function;

/**
 * What a service needs to go on where its predecessor was killed or stopped.
 *
 * @param journal what the predecessor wrote down, and this one does; not closed by the service
 * @param identities names a block of the owner for a later process
 * @param report what became of the owner and of the blocks that the journal names
 */
public record Continuation(
        SessionJournal journal, Function<RemoteBlock, BlockIdentity> identities, ResumeReport report) {}
