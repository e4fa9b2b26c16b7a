package io.finemem.verbs.disni;

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
            return ConditionEvaluationResult.enabled("rxe device " + device.name());
        } catch (IOException e) {
            String reason = e.getMessage() + "; run the tests in the guest (rdma link add rxe0 type rxe netdev LINK)";
            if ("1".equals(System.getenv("FINEMEM_REQUIRE_RXE"))) {
                throw new IllegalStateException(reason, e);
            }
            return ConditionEvaluationResult.disabled(reason);
        }
    }
}
