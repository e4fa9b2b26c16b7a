package io.finemem.verbs.disni;

import io.finemem.tck.DeviceUnderTest;
import java.io.IOException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** See {@link RequiresRxe}. */
final class RxeCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        try {
            RxeDevice device = RxeDevice.find();
            return ConditionEvaluationResult.enabled("device " + device.name());
        } catch (IOException e) {
            String reason = e.getMessage() + "; run the tests in the guest (rdma link add rxe0 type rxe netdev LINK)";
            if (DeviceUnderTest.required()) {
                throw new IllegalStateException(reason, e);
            }
            return ConditionEvaluationResult.disabled(reason);
        }
    }
}
