package io.finemem.runtime.control;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.api.ErrorCode;
import io.finemem.api.InvalidRequest;
import io.finemem.api.ProtocolViolation;

/**
 * Control messages to bytes and back: pure functions. A message is one byte of type and its fields; there is exactly
 * one
 * encoding of each message, and everything else is a {@link ProtocolViolation}.
 *
 * <pre>
 *   request   1 hello: name   2 ping   3 describe   4 register   5 grow journal   6 connect: purpose u8, descriptor
 *             7 leave   8 audit   9 bye   10 disconnect: connection i32   11 heartbeat: settled i64   12 resolve: slots
 *             13 inspect   14 register resumable   15 resume: owner i32, token   20 statistics   21 drain: flag u8   22 stop
 *   response  129 welcome: timeout i32   130 done   131 pool   132 granted   133 grown   134 connected: id i32, descriptor
 *             135 audited   136 failed: code u16, text   137 alive: settle request i64, state u8, free i64
 *             138 resolved: slots
 *             139 inspected: pool, report   140 resumable: granted, token
 *             141 resumed: owner i32, incarnation i32, lease i32, segments: count u16, each; slots
 *             150 counted: statistics
 *   token: high i64, low i64
 *   text and descriptor: length u16, bytes   slots: count u16, i32 each   labels: count u8, texts in ascending order
 * </pre>
 */
final class ControlCodec {
    /** Version of handshake and messages; both sides must have the same. */
    static final int VERSION = 1;
    /** Longest message. */
    static final int MAX_MESSAGE_BYTES = 32 * 1024;

    static final int MAX_DESCRIPTOR_BYTES = 512;
    static final int MAX_ERROR_BYTES = 2048;

    private static final int HELLO = 1;
    private static final int PING = 2;
    private static final int DESCRIBE = 3;
    private static final int REGISTER = 4;
    private static final int GROW_JOURNAL = 5;
    private static final int CONNECT = 6;
    private static final int LEAVE = 7;
    private static final int AUDIT = 8;
    private static final int BYE = 9;
    private static final int DISCONNECT = 10;
    private static final int HEARTBEAT = 11;
    private static final int RESOLVE = 12;
    private static final int INSPECT = 13;
    private static final int REGISTER_RESUMABLE = 14;
    private static final int RESUME = 15;
    private static final int STATISTICS = 20;
    private static final int DRAIN = 21;
    private static final int STOP = 22;

    private static final int WELCOME = 129;
    private static final int DONE = 130;
    private static final int POOL = 131;
    private static final int GRANTED = 132;
    private static final int GROWN = 133;
    private static final int CONNECTED = 134;
    private static final int AUDITED = 135;
    private static final int FAILED = 136;
    private static final int ALIVE = 137;
    private static final int RESOLVED = 138;
    private static final int INSPECTED = 139;
    private static final int RESUMABLE = 140;
    private static final int RESUMED = 141;
    private static final int COUNTED = 150;

    // Numbers on the wire, apart from the order of declaration elsewhere.
    private static final ConnectionPurpose[] PURPOSES = {ConnectionPurpose.METADATA, ConnectionPurpose.HEAP};
    private static final Isolation[] ISOLATIONS = {Isolation.DIRECT, Isolation.STRICT};

    private ControlCodec() {}

    static byte[] encode(ControlRequest request) {
        WireWriter out = new WireWriter();
        if (request instanceof ControlRequest.Hello hello) {
            return out.u8(HELLO).text(hello.peerName(), NodeName.MAX_LENGTH).message();
        }
        if (request instanceof ControlRequest.Connect connect) {
            requireSize(connect.descriptor());
            return out.u8(CONNECT)
                    .u8(number(PURPOSES, connect.purpose()))
                    .bytes(connect.descriptor(), MAX_DESCRIPTOR_BYTES)
                    .message();
        }
        if (request instanceof ControlRequest.Disconnect disconnect) {
            return out.u8(DISCONNECT).i32(disconnect.connection()).message();
        }
        if (request instanceof ControlRequest.Heartbeat heartbeat) {
            return out.u8(HEARTBEAT).i64(heartbeat.settled()).message();
        }
        if (request instanceof ControlRequest.Resolve resolve) {
            return writeSlots(out.u8(RESOLVE), resolve.slots()).message();
        }
        if (request instanceof ControlRequest.Drain drain) {
            return out.u8(DRAIN).u8(drain.drain() ? 1 : 0).message();
        }
        if (request instanceof ControlRequest.Resume resume) {
            return ResumeCodec.writeToken(out.u8(RESUME).i32(resume.ownerId()), resume.token())
                    .message();
        }
        return out.u8(typeOf(request)).message();
    }

    static ControlRequest decodeRequest(byte[] message) {
        WireReader in = new WireReader(message);
        int type = in.u8("type");
        ControlRequest request =
                switch (type) {
                    case HELLO -> new ControlRequest.Hello(name(in, "peer name"));
                    case PING -> new ControlRequest.Ping();
                    case DESCRIBE -> new ControlRequest.Describe();
                    case REGISTER -> new ControlRequest.Register();
                    case GROW_JOURNAL -> new ControlRequest.GrowJournal();
                    case CONNECT ->
                        new ControlRequest.Connect(
                                in.constant("purpose", PURPOSES), in.bytes("descriptor", MAX_DESCRIPTOR_BYTES));
                    case LEAVE -> new ControlRequest.Leave();
                    case AUDIT -> new ControlRequest.Audit();
                    case BYE -> new ControlRequest.Bye();
                    case DISCONNECT -> new ControlRequest.Disconnect(in.i32("connection"));
                    case HEARTBEAT -> new ControlRequest.Heartbeat(in.i64("settled", 0));
                    case RESOLVE -> new ControlRequest.Resolve(readSlots(in));
                    case INSPECT -> new ControlRequest.Inspect();
                    case REGISTER_RESUMABLE -> new ControlRequest.RegisterResumable();
                    case RESUME -> new ControlRequest.Resume(in.i32("owner", 1), ResumeCodec.readToken(in));
                    case STATISTICS -> new ControlRequest.Statistics();
                    case DRAIN -> new ControlRequest.Drain(in.flag("drain"));
                    case STOP -> new ControlRequest.Stop();
                    default -> throw unknownType(type);
                };
        in.end();
        return request;
    }

    static byte[] encode(ControlResponse response) {
        WireWriter out = new WireWriter();
        if (response instanceof ControlResponse.Welcome welcome) {
            out.u8(WELCOME).i32(welcome.peerTimeoutMillis());
        } else if (response instanceof ControlResponse.Pool pool) {
            writePool(out.u8(POOL), pool.pool());
        } else if (response instanceof ControlResponse.Granted granted) {
            writeGrant(out.u8(GRANTED), granted.grant());
        } else if (response instanceof ControlResponse.Resumable resumable) {
            writeGrant(out.u8(RESUMABLE), resumable.grant().grant());
            ResumeCodec.writeToken(out, resumable.grant().token());
        } else if (response instanceof ControlResponse.Resumed resumed) {
            ResumeCodec.write(out.u8(RESUMED), resumed.grant());
        } else if (response instanceof ControlResponse.Grown grown) {
            writeSegment(out.u8(GROWN), grown.segment());
        } else if (response instanceof ControlResponse.Connected connected) {
            out.u8(CONNECTED).i32(connected.end().id()).bytes(connected.end().descriptor(), MAX_DESCRIPTOR_BYTES);
        } else if (response instanceof ControlResponse.Alive alive) {
            ReportCodec.write(out.u8(ALIVE), alive.reply());
        } else if (response instanceof ControlResponse.Counted counted) {
            ReportCodec.write(out.u8(COUNTED), counted.statistics());
        } else if (response instanceof ControlResponse.Resolved resolved) {
            writeSlots(out.u8(RESOLVED), resolved.slots());
        } else if (response instanceof ControlResponse.Audited audited) {
            ReportCodec.write(out.u8(AUDITED), audited.report());
        } else if (response instanceof ControlResponse.Inspected inspected) {
            writePool(out.u8(INSPECTED), inspected.report().pool());
            ReportCodec.write(out, inspected.report());
        } else if (response instanceof ControlResponse.Failed failed) {
            out.u8(FAILED).u16(failed.code().number()).cutText(failed.text(), MAX_ERROR_BYTES);
        } else {
            out.u8(DONE);
        }
        return out.message();
    }

    static ControlResponse decodeResponse(byte[] message) {
        WireReader in = new WireReader(message);
        int type = in.u8("type");
        ControlResponse response =
                switch (type) {
                    case WELCOME -> new ControlResponse.Welcome(in.i32("peer timeout", 1));
                    case DONE -> new ControlResponse.Done();
                    case POOL -> new ControlResponse.Pool(readPool(in));
                    case GRANTED -> new ControlResponse.Granted(readGrant(in));
                    case RESUMABLE ->
                        new ControlResponse.Resumable(new ResumableGrant(readGrant(in), ResumeCodec.readToken(in)));
                    case RESUMED -> new ControlResponse.Resumed(ResumeCodec.read(in));
                    case GROWN -> new ControlResponse.Grown(readSegment(in));
                    case CONNECTED ->
                        new ControlResponse.Connected(
                                new ServedEnd(in.i32("connection"), in.bytes("descriptor", MAX_DESCRIPTOR_BYTES)));
                    case ALIVE -> new ControlResponse.Alive(ReportCodec.readReply(in));
                    case COUNTED -> new ControlResponse.Counted(ReportCodec.readStatistics(in));
                    case RESOLVED -> new ControlResponse.Resolved(readSlots(in));
                    case AUDITED -> new ControlResponse.Audited(ReportCodec.readAudit(in));
                    case INSPECTED -> new ControlResponse.Inspected(ReportCodec.readPool(readPool(in), in));
                    case FAILED -> new ControlResponse.Failed(readCode(in), in.text("error", MAX_ERROR_BYTES));
                    default -> throw unknownType(type);
                };
        in.end();
        return response;
    }

    private static int typeOf(ControlRequest request) {
        if (request instanceof ControlRequest.Ping) {
            return PING;
        }
        if (request instanceof ControlRequest.Describe) {
            return DESCRIBE;
        }
        if (request instanceof ControlRequest.Register) {
            return REGISTER;
        }
        if (request instanceof ControlRequest.RegisterResumable) {
            return REGISTER_RESUMABLE;
        }
        if (request instanceof ControlRequest.GrowJournal) {
            return GROW_JOURNAL;
        }
        if (request instanceof ControlRequest.Leave) {
            return LEAVE;
        }
        if (request instanceof ControlRequest.Inspect) {
            return INSPECT;
        }
        if (request instanceof ControlRequest.Statistics) {
            return STATISTICS;
        }
        if (request instanceof ControlRequest.Stop) {
            return STOP;
        }
        return request instanceof ControlRequest.Audit ? AUDIT : BYE;
    }

    private static void writePool(WireWriter out, PoolDescription pool) {
        out.text(pool.memoryNode(), NodeName.MAX_LENGTH)
                .i64(pool.bootNonce())
                .u8(number(ISOLATIONS, pool.isolation()))
                .i32(pool.sections())
                .i64(pool.metadataAddress())
                .i32(pool.metadataRkey())
                .i64(pool.heapAddress());
        ReportCodec.writeLabels(out, pool.labels());
    }

    private static PoolDescription readPool(WireReader in) {
        return new PoolDescription(
                name(in, "memory node"),
                in.i64("boot nonce"),
                in.constant("isolation", ISOLATIONS),
                in.i32("sections", 1),
                in.i64("metadata address"),
                in.i32("metadata rkey"),
                in.i64("heap address"),
                ReportCodec.readLabels(in));
    }

    private static void writeGrant(WireWriter out, OwnerGrant grant) {
        writeSegment(out.i32(grant.ownerId()).i32(grant.leaseMillis()), grant.journal());
    }

    private static OwnerGrant readGrant(WireReader in) {
        return new OwnerGrant(in.i32("owner", 1), in.i32("lease", 1), readSegment(in));
    }

    static void writeSegment(WireWriter out, JournalSegment segment) {
        out.i32(segment.firstSlot()).i32(segment.slots());
    }

    static JournalSegment readSegment(WireReader in) {
        return new JournalSegment(in.i32("first slot", 0), in.i32("slots", 1));
    }

    static WireWriter writeSlots(WireWriter out, int[] slots) {
        if (slots.length > MemoryNodeControl.MAX_RESOLVED_SLOTS) {
            throw new InvalidRequest(
                    "too many journal slots at once",
                    "slots",
                    slots.length,
                    "maximum",
                    MemoryNodeControl.MAX_RESOLVED_SLOTS);
        }
        out.u16(slots.length);
        for (int slot : slots) {
            out.i32(slot);
        }
        return out;
    }

    static int[] readSlots(WireReader in) {
        int count = in.u16("slots");
        if (count > MemoryNodeControl.MAX_RESOLVED_SLOTS) {
            throw new ProtocolViolation("control message has too many journal slots", "count", count);
        }
        int[] slots = new int[count];
        for (int i = 0; i < count; i++) {
            slots[i] = in.i32("slot", 0);
        }
        return slots;
    }

    private static ErrorCode readCode(WireReader in) {
        int number = in.u16("error code");
        for (ErrorCode code : ErrorCode.values()) {
            if (code.number() == number) {
                return code;
            }
        }
        throw new ProtocolViolation("control message has an unknown error code", "code", number);
    }

    static String name(WireReader in, String field) {
        String name = in.text(field, NodeName.MAX_LENGTH);
        if (!NodeName.valid(name)) {
            throw new ProtocolViolation("control message has a malformed name", "field", field);
        }
        return name;
    }

    private static void requireSize(byte[] descriptor) {
        if (descriptor.length > MAX_DESCRIPTOR_BYTES) {
            throw new InvalidRequest(
                    "connection descriptor is too long", "bytes", descriptor.length, "maximum", MAX_DESCRIPTOR_BYTES);
        }
    }

    static <E> int number(E[] byNumber, E constant) {
        for (int number = 0; number < byNumber.length; number++) {
            if (byNumber[number] == constant) {
                return number;
            }
        }
        throw new IllegalArgumentException("no number on the wire for " + constant);
    }

    private static ProtocolViolation unknownType(int type) {
        return new ProtocolViolation("control message has an unknown type", "type", type);
    }
}
