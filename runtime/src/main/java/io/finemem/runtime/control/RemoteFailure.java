package io.finemem.runtime.control;

import io.finemem.api.AuthenticationFailed;
import io.finemem.api.CapabilityRevoked;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.OwnerFenced;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.ServiceLost;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.TransportUnavailable;

/** A failure at the memory node as the exception that it was there. */
final class RemoteFailure {
    private RemoteFailure() {}

    static FineMemException of(ErrorCode code, String text) {
        return switch (code) {
            case INVALID_REQUEST -> new InvalidRequest(text);
            case INVALID_CONFIGURATION -> new InvalidConfiguration(text);
            case CLOSED -> new MemoryClosed(text);
            case OUT_OF_REMOTE_MEMORY -> new OutOfRemoteMemory(text);
            case OUT_OF_LOCAL_RESOURCES -> new OutOfLocalResources(text);
            case QUOTA_EXCEEDED -> new QuotaExceeded(text);
            case TRANSPORT_UNAVAILABLE -> new TransportUnavailable(text);
            case CONNECTION_LOST -> new ConnectionLost(text);
            case MEMORY_NODE_LOST -> new MemoryNodeLost(text);
            case CAPABILITY_REVOKED -> new CapabilityRevoked(text);
            case OWNER_FENCED -> new OwnerFenced(text);
            case AUTHENTICATION_FAILED -> new AuthenticationFailed(text);
            case TIMEOUT -> new OperationTimeout(text);
            case COORDINATION_UNAVAILABLE -> new CoordinationUnavailable(text);
            case SERVICE_LOST -> new ServiceLost(text);
            case PROTOCOL_VIOLATION -> new ProtocolViolation(text);
        };
    }
}
