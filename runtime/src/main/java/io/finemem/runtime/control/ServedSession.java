package io.finemem.runtime.control;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.ProtocolViolation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries requests to one session of a memory node and its results, or failures, back. Used by one thread. */
final class ServedSession {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

    private final MemoryNodeControl control;
    private boolean ended;

    ServedSession(MemoryNodeControl control) {
        this.control = control;
    }

    boolean ended() {
        return ended;
    }

    /** Executes a request; a failure that has a code is an answer, anything else is a defect and ends the session. */
    ControlResponse answer(ControlRequest request) {
        try {
            return execute(request);
        } catch (ProtocolViolation e) {
            end();
            return new ControlResponse.Failed(e.code(), String.valueOf(e.getMessage()));
        } catch (FineMemException e) {
            return new ControlResponse.Failed(e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error(
                    "a control request failed by a defect: {}",
                    request.getClass().getSimpleName(),
                    e);
            end();
            return new ControlResponse.Failed(
                    ErrorCode.PROTOCOL_VIOLATION, "the memory node failed by a defect, see its log: " + e);
        }
    }

    /** Ends the memory node's session, once. */
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            control.close();
        } catch (RuntimeException e) {
            LOG.error("ending a control session failed", e);
        }
    }

    private ControlResponse execute(ControlRequest request) {
        if (request instanceof ControlRequest.Connect connect) {
            return new ControlResponse.Connected(control.connect(connect.purpose(), connect.descriptor()));
        }
        if (request instanceof ControlRequest.Heartbeat heartbeat) {
            return new ControlResponse.Alive(control.heartbeat(heartbeat.settled()));
        }
        if (request instanceof ControlRequest.Resolve resolve) {
            return new ControlResponse.Resolved(control.resolve(resolve.slots()));
        }
        if (request instanceof ControlRequest.Describe) {
            return new ControlResponse.Pool(control.describe());
        }
        if (request instanceof ControlRequest.Register) {
            return new ControlResponse.Granted(control.register());
        }
        if (request instanceof ControlRequest.RegisterResumable) {
            return new ControlResponse.Resumable(control.registerResumable());
        }
        if (request instanceof ControlRequest.Resume resume) {
            return new ControlResponse.Resumed(control.resume(resume.ownerId(), resume.token()));
        }
        if (request instanceof ControlRequest.GrowJournal) {
            return new ControlResponse.Grown(control.growJournal());
        }
        if (request instanceof ControlRequest.Audit) {
            return new ControlResponse.Audited(control.audit());
        }
        if (request instanceof ControlRequest.Inspect) {
            return new ControlResponse.Inspected(control.inspect());
        }
        if (request instanceof ControlRequest.Statistics) {
            return new ControlResponse.Counted(control.statistics());
        }
        if (request instanceof ControlRequest.Drain drain) {
            return new ControlResponse.Counted(control.drain(drain.drain()));
        }
        return done(request);
    }

    private ControlResponse done(ControlRequest request) {
        if (request instanceof ControlRequest.Hello) {
            throw new ProtocolViolation("a control session says hello once");
        }
        if (request instanceof ControlRequest.Disconnect disconnect) {
            control.disconnect(disconnect.connection());
        } else if (request instanceof ControlRequest.Leave) {
            control.leave();
        } else if (request instanceof ControlRequest.Stop) {
            control.stop();
        } else if (request instanceof ControlRequest.Bye) {
            end();
        }
        return new ControlResponse.Done();
    }
}
