package io.finemem.verbs.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Offsets against those that a C compiler gives for rdma-core 44 on x86-64: literal on purpose. */
class StructLayoutTest {
    private static final int ROOM = 512;
    private static final long BIG = 0x1122334455667788L;

    private long at;

    @BeforeEach
    void allocate() {
        at = NativeMemory.allocate(ROOM);
    }

    @AfterEach
    void free() {
        NativeMemory.free(at);
    }

    @Test
    void sizesAreThoseOfTheCompiler() {
        assertThat(SendWorkRequest.BYTES).isEqualTo(128);
        assertThat(ReceiveWorkRequest.BYTES).isEqualTo(32);
        assertThat(ScatterGatherEntry.BYTES).isEqualTo(16);
        assertThat(WorkCompletion.BYTES).isEqualTo(48);
        assertThat(MemoryWindowBind.BYTES).isEqualTo(48);
        assertThat(BindInfo.BYTES).isEqualTo(32);
        assertThat(QpInitAttributes.BYTES).isEqualTo(64);
        assertThat(QpAttributes.BYTES).isEqualTo(144);
        assertThat(DeviceAttributes.BYTES).isEqualTo(232);
    }

    @Test
    void sendWorkRequestHasItsFieldsWhereTheLibraryReadsThem() {
        SendWorkRequest.setId(at, BIG);
        SendWorkRequest.setNext(at, BIG + 1);
        SendWorkRequest.setScatterGather(at, BIG + 2, 3);
        SendWorkRequest.setOpcode(at, 4);
        SendWorkRequest.setFlags(at, 5);
        SendWorkRequest.setImmediate(at, 6);
        assertThat(longAt(0)).isEqualTo(BIG);
        assertThat(longAt(8)).isEqualTo(BIG + 1);
        assertThat(longAt(16)).isEqualTo(BIG + 2);
        assertThat(intAt(24)).isEqualTo(3);
        assertThat(intAt(28)).isEqualTo(4);
        assertThat(intAt(32)).isEqualTo(5);
        assertThat(intAt(36)).isEqualTo(6);
    }

    @Test
    void transferAtomicAndBindShareTheirUnions() {
        SendWorkRequest.setRemote(at, BIG, 7);
        assertThat(longAt(40)).isEqualTo(BIG);
        assertThat(intAt(48)).isEqualTo(7);
        SendWorkRequest.setAtomic(at, BIG + 1, 8, BIG + 2, BIG + 3);
        assertThat(longAt(40)).isEqualTo(BIG + 1);
        assertThat(longAt(48)).isEqualTo(BIG + 2);
        assertThat(longAt(56)).isEqualTo(BIG + 3);
        assertThat(intAt(64)).isEqualTo(8);
        SendWorkRequest.setWindow(at, BIG + 4, 9);
        assertThat(longAt(80)).isEqualTo(BIG + 4);
        assertThat(intAt(88)).isEqualTo(9);
        BindInfo.set(SendWorkRequest.bindInfo(at), BIG + 5, BIG + 6, BIG + 7, 10);
        assertThat(longAt(96)).isEqualTo(BIG + 5);
        assertThat(longAt(104)).isEqualTo(BIG + 6);
        assertThat(longAt(112)).isEqualTo(BIG + 7);
        assertThat(intAt(120)).isEqualTo(10);
    }

    @Test
    void bindOfTheFunctionHasItsRangeAfterTheFlags() {
        MemoryWindowBind.set(at, BIG, 2);
        BindInfo.set(MemoryWindowBind.info(at), BIG + 1, BIG + 2, BIG + 3, 4);
        assertThat(longAt(0)).isEqualTo(BIG);
        assertThat(intAt(8)).isEqualTo(2);
        assertThat(longAt(16)).isEqualTo(BIG + 1);
        assertThat(longAt(24)).isEqualTo(BIG + 2);
        assertThat(longAt(32)).isEqualTo(BIG + 3);
        assertThat(intAt(40)).isEqualTo(4);
    }

    @Test
    void scatterGatherAndReceiveHaveTheirFields() {
        ScatterGatherEntry.set(at, BIG, 1, 2);
        assertThat(longAt(0)).isEqualTo(BIG);
        assertThat(intAt(8)).isEqualTo(1);
        assertThat(intAt(12)).isEqualTo(2);
        ReceiveWorkRequest.set(at, BIG + 1, BIG + 2, BIG + 3, 4);
        assertThat(longAt(0)).isEqualTo(BIG + 1);
        assertThat(longAt(8)).isEqualTo(BIG + 2);
        assertThat(longAt(16)).isEqualTo(BIG + 3);
        assertThat(intAt(24)).isEqualTo(4);
    }

    @Test
    void completionIsReadWhereTheLibraryWritesIt() {
        NativeMemory.putLong(at, BIG);
        for (int field = 0; field < 7; field++) {
            NativeMemory.putInt(at + 8 + 4L * field, 100 + field);
        }
        assertThat(WorkCompletion.id(at)).isEqualTo(BIG);
        assertThat(WorkCompletion.status(at)).isEqualTo(100);
        assertThat(WorkCompletion.opcode(at)).isEqualTo(101);
        assertThat(WorkCompletion.vendorError(at)).isEqualTo(102);
        assertThat(WorkCompletion.byteLength(at)).isEqualTo(103);
        assertThat(WorkCompletion.immediate(at)).isEqualTo(104);
        assertThat(WorkCompletion.qpNumber(at)).isEqualTo(105);
        assertThat(WorkCompletion.sourceQp(at)).isEqualTo(106);
        NativeMemory.putInt(at + 36, 8);
        NativeMemory.putByte(at + 44, 3);
        NativeMemory.putByte(at + 45, 4);
        assertThat(WorkCompletion.flags(at)).isEqualTo(8);
        assertThat(WorkCompletion.serviceLevel(at)).isEqualTo((byte) 3);
        assertThat(WorkCompletion.pathBits(at)).isEqualTo((byte) 4);
    }

    @Test
    void queuePairAttributesHaveTheirFields() {
        byte[] gid = new byte[16];
        gid[15] = 77;
        QpAttributes.setInit(at, 2, 15);
        assertThat(intAt(0)).isEqualTo(QpAttributes.STATE_INIT);
        assertThat(byteAt(129)).isEqualTo(2);
        assertThat(intAt(32)).isEqualTo(15);
        QpAttributes.setReadyToReceive(at, 3, 0x123456, 0x654321, 16, 12);
        QpAttributes.setLocalRoute(at, 1, 0x0102);
        QpAttributes.setGlobalRoute(at, gid, 5, 64);
        QpAttributes.setTrafficClass(at, 104);
        assertThat(intAt(8)).isEqualTo(3);
        assertThat(intAt(28)).isEqualTo(0x123456);
        assertThat(intAt(20)).isEqualTo(0x654321);
        assertThat(byteAt(127)).isEqualTo(16);
        assertThat(byteAt(128)).isEqualTo(12);
        assertThat(byteAt(86)).isEqualTo(1);
        assertThat(NativeMemory.getShort(at + 80)).isEqualTo((short) 0x0102);
        assertThat(byteAt(71)).isEqualTo(77);
        assertThat(byteAt(76)).isEqualTo(5);
        assertThat(byteAt(77)).isEqualTo(64);
        assertThat(byteAt(78)).isEqualTo(104);
        assertThat(byteAt(85)).isEqualTo(1);
        QpAttributes.setReadyToSend(at, 0xABCDEF, 9, 16, 6, 7);
        assertThat(intAt(24)).isEqualTo(0xABCDEF);
        assertThat(byteAt(126)).isEqualTo(9);
        assertThat(byteAt(130)).isEqualTo(16);
        assertThat(byteAt(131)).isEqualTo(6);
        assertThat(byteAt(132)).isEqualTo(7);
    }

    @Test
    void queuePairMasksAreThoseOfTheTransitions() {
        assertThat(QpAttributes.MASK_INIT).isEqualTo(1 + 16 + 32 + 8);
        assertThat(QpAttributes.MASK_READY_TO_RECEIVE).isEqualTo(1 + 128 + 256 + 1048576 + 4096 + 131072 + 32768);
        assertThat(QpAttributes.MASK_READY_TO_SEND).isEqualTo(1 + 512 + 1024 + 2048 + 65536 + 8192);
    }

    @Test
    void creationAttributesHaveTheirFields() {
        QpInitAttributes.setQueues(at, BIG, BIG + 1);
        QpInitAttributes.setSharedQueue(at, BIG + 2);
        QpInitAttributes.setSendCapacity(at, 1, 2, 3);
        QpInitAttributes.setReceiveCapacity(at, 4, 5);
        QpInitAttributes.setType(at, QpInitAttributes.RELIABLE_CONNECTION, true);
        assertThat(longAt(8)).isEqualTo(BIG);
        assertThat(longAt(16)).isEqualTo(BIG + 1);
        assertThat(longAt(24)).isEqualTo(BIG + 2);
        assertThat(new int[] {intAt(32), intAt(36), intAt(40), intAt(44), intAt(48), intAt(52), intAt(56)})
                .containsExactly(1, 4, 2, 5, 3, 2, 1);
    }

    @Test
    void deviceAndPortAreReadWhereTheLibraryWritesThem() {
        NativeMemory.putLong(at + 80, BIG);
        int[][] offsets = {
            {108, 1}, {112, 2}, {116, 3}, {120, 4}, {132, 5}, {136, 6}, {144, 7}, {156, 8}, {164, 9}, {176, 10}
        };
        for (int[] offset : offsets) {
            NativeMemory.putInt(at + offset[0], offset[1]);
        }
        assertThat(DeviceAttributes.maxRegionBytes(at)).isEqualTo(BIG);
        assertThat(DeviceAttributes.maxQueuePairs(at)).isEqualTo(1);
        assertThat(DeviceAttributes.maxQueueRequests(at)).isEqualTo(2);
        assertThat(DeviceAttributes.capabilityFlags(at)).isEqualTo(3);
        assertThat(DeviceAttributes.maxEntries(at)).isEqualTo(4);
        assertThat(DeviceAttributes.maxCompletionEntries(at)).isEqualTo(5);
        assertThat(DeviceAttributes.maxRegions(at)).isEqualTo(6);
        assertThat(DeviceAttributes.maxReadsIn(at)).isEqualTo(7);
        assertThat(DeviceAttributes.maxReadsOut(at)).isEqualTo(8);
        assertThat(DeviceAttributes.atomicCapability(at)).isEqualTo(9);
        assertThat(DeviceAttributes.maxWindows(at)).isEqualTo(10);
        NativeMemory.putInt(at + 20, 1 << 30);
        NativeMemory.putShort(at + 34, 0xFFFE);
        NativeMemory.putByte(at + 46, PortAttributes.LINK_ETHERNET);
        assertThat(PortAttributes.maxMessageBytes(at)).isEqualTo(1 << 30);
        assertThat(PortAttributes.lid(at)).isEqualTo(0xFFFE);
        assertThat(PortAttributes.linkLayer(at)).isEqualTo(PortAttributes.LINK_ETHERNET);
    }

    @Test
    void fieldsOfTheLibrarysObjectsAreRead() {
        for (int offset = 0; offset < 336; offset += 4) {
            NativeMemory.putInt(at + offset, offset);
        }
        assertThat(ContextFields.commandFd(at)).isEqualTo(264);
        assertThat(ContextFields.asyncFd(at)).isEqualTo(268);
        assertThat(ContextFields.completionVectors(at)).isEqualTo(272);
        assertThat((int) ContextFields.operation(at, 7)).isEqualTo(64);
        assertThat((int) ContextFields.operation(at, 8)).isEqualTo(72);
        assertThat((int) ContextFields.operation(at, 9)).isEqualTo(80);
        assertThat((int) ContextFields.operation(at, 11)).isEqualTo(96);
        assertThat((int) ContextFields.operation(at, 12)).isEqualTo(104);
        assertThat((int) ContextFields.operation(at, 20)).isEqualTo(168);
        assertThat((int) ContextFields.operation(at, 25)).isEqualTo(208);
        assertThat((int) ContextFields.operation(at, 26)).isEqualTo(216);
        assertThat(MrFields.handle(at)).isEqualTo(32);
        assertThat(MrFields.localKey(at)).isEqualTo(36);
        assertThat(MrFields.remoteKey(at)).isEqualTo(40);
        assertThat(MwFields.remoteKey(at)).isEqualTo(16);
        assertThat(QpFields.number(at)).isEqualTo(52);
        assertThat(QpFields.state(at)).isEqualTo(56);
        assertThat(CqFields.entries(at)).isEqualTo(28);
        assertThat(PdFields.handle(at)).isEqualTo(8);
        assertThat(CompletionChannelFields.fd(at)).isEqualTo(8);
    }

    @Test
    void rkeyOfAWindowAdvancesInItsLowByteOnly() {
        assertThat(MwFields.nextKey(0x12345600)).isEqualTo(0x12345601);
        assertThat(MwFields.nextKey(0x123456FF)).isEqualTo(0x12345600);
        assertThat(MwFields.nextKey(0xFFFFFFFF)).isEqualTo(0xFFFFFF00);
    }

    private long longAt(int offset) {
        return NativeMemory.getLong(at + offset);
    }

    private int intAt(int offset) {
        return NativeMemory.getInt(at + offset);
    }

    private int byteAt(int offset) {
        return NativeMemory.getByte(at + offset);
    }
}
