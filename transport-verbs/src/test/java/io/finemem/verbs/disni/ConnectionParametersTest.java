package io.finemem.verbs.disni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.ibm.disni.verbs.RdmaConnParam;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.RdmaConnectionFields;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is handed to librdmacm for DiSNI's parameters. */
class ConnectionParametersTest {
    private static final DeviceLimits WIDE = new DeviceLimits(128, 128, 32);

    @Test
    void plainParametersGetFixedDepthsAndAllRetries() {
        assertThat(written(new RdmaConnParam(), null, WIDE))
                .isEqualTo("0000000000000000" + "00" + "10" + "10" + "00" + "07" + "00" + "0000" + "0000000000000000");
    }

    @Test
    void plainParametersKeepTheRetriesTheyName() throws IOException {
        RdmaConnParam parameters = new RdmaConnParam();
        parameters.setRetry_count((byte) 2);
        parameters.setRnr_retry_count((byte) 3);

        assertThat(written(parameters, null, WIDE)).contains("02" + "03" + "0000");
    }

    @Test
    void plainParametersNeverExceedTheDeviceOrWhatThePeerAsksFor() {
        ConnectionParameters request = new ConnectionParameters();
        request.setResponder_resources((byte) 4);
        request.setInitiator_depth((byte) 200);

        assertThat(written(new RdmaConnParam(), request, new DeviceLimits(8, 9, 32)))
                .startsWith("0000000000000000" + "00" + "04" + "09");
    }

    @Test
    void explicitParametersAreTakenAsTheyAre() throws IOException {
        ConnectionParameters parameters = new ConnectionParameters();
        parameters.setResponder_resources((byte) 1);
        parameters.setInitiator_depth((byte) 200);
        parameters.setFlow_control((byte) 1);
        parameters.setRetry_count((byte) 0);

        assertThat(written(parameters, null, new DeviceLimits(8, 8, 32)))
                .startsWith("0000000000000000" + "00" + "01" + "c8" + "01" + "00" + "00");
    }

    @Test
    void privateDataIsCopiedFromPositionToLimit() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3);
        ConnectionParameters parameters = new ConnectionParameters().privateData(bytes);

        try (Scratch struct = new Scratch(RdmaConnectionFields.BYTES)) {
            ConnectionParameters.write(struct.address(), parameters, null, WIDE);

            assertThat(RdmaConnectionFields.privateDataLength(struct.address())).isEqualTo(3);
            assertThat(hex(RdmaConnectionFields.privateData(struct.address()), 3))
                    .isEqualTo("010203");
        }
        assertThat(parameters.privateData()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(parameters.privateData().isReadOnly()).isTrue();
        assertThat(bytes.remaining()).isEqualTo(3);
    }

    @Test
    void privateDataThatDoesNotFitTheLengthByteIsRefused() {
        ConnectionParameters parameters = new ConnectionParameters();

        assertThatThrownBy(() -> parameters.privateData(ByteBuffer.allocate(256)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256");
    }

    private static String written(
            RdmaConnParam parameters, @Nullable ConnectionParameters request, DeviceLimits limits) {
        try (Scratch struct = new Scratch(RdmaConnectionFields.BYTES)) {
            ConnectionParameters.write(struct.address(), parameters, request, limits);
            return hex(struct.address(), RdmaConnectionFields.BYTES);
        }
    }

    private static String hex(long address, int length) {
        byte[] bytes = new byte[length];
        NativeMemory.get(address, bytes, 0, length);
        return HexFormat.of().formatHex(bytes);
    }
}
