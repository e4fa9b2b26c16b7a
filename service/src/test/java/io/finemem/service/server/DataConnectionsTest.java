package io.finemem.service.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeControl;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.QuotaExceeded;
import io.finemem.service.ipc.Frame;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DataConnectionsTest {
    private static final int LIMIT = 4;

    private final List<NodeControl> nodes = new ArrayList<>();
    private final AtomicInteger fenced = new AtomicInteger();
    private final DataConnections connections = new DataConnections(new NodeNumbers(() -> nodes), LIMIT, null);

    /** A session with a memory node that makes and ends connections, or is lost. */
    private MemoryNodeControl node(boolean[] lost) {
        return (MemoryNodeControl) Proxy.newProxyInstance(
                MemoryNodeControl.class.getClassLoader(),
                new Class<?>[] {MemoryNodeControl.class},
                (proxy, method, arguments) -> {
                    if (lost[0]) {
                        throw new MemoryNodeLost("the memory node is lost");
                    }
                    if (method.getName().equals("connect")) {
                        return new ServedEnd(7, new byte[0]);
                    }
                    fenced.incrementAndGet();
                    return null;
                });
    }

    private Frame.Connected connect(int node) {
        return (Frame.Connected) connections.connect(new Frame.Connect(1, node, new byte[0]));
    }

    @Test
    void connectionsToALostNodeCountForNothingOnceOneOfThemIsGivenUp() {
        for (int run = 0; run < 3; run++) {
            boolean[] lost = {false};
            nodes.add(new NodeControl("mn0", nodes.size(), node(lost)));
            int last = 0;
            for (int i = 0; i < LIMIT; i++) {
                last = connect(run).connection();
            }
            int number = run;
            assertThatThrownBy(() -> connect(number)).isInstanceOf(QuotaExceeded.class);
            lost[0] = true;
            int given = last;
            assertThatThrownBy(() -> connections.disconnect(new Frame.Disconnect(2, given)))
                    .isInstanceOf(MemoryNodeLost.class);
        }
        boolean[] living = {false};
        nodes.add(new NodeControl("mn0", nodes.size(), node(living)));
        connect(3);
        assertThat(connections.fenceAll()).isTrue();
        assertThat(fenced).as("only what is there").hasValue(1);
    }

    @Test
    void aConnectionThatHasEndedCanBeEndedAgainAndOneThatNeverWasCannot() {
        boolean[] lost = {false};
        nodes.add(new NodeControl("mn0", 1, node(lost)));
        Frame.Disconnect first = new Frame.Disconnect(2, connect(0).connection());
        Frame.Disconnect second = new Frame.Disconnect(3, connect(0).connection());
        assertThat(connections.disconnect(first)).isEqualTo(new Frame.Disconnected(2));
        assertThat(connections.disconnect(first)).isEqualTo(new Frame.Disconnected(2));
        assertThat(fenced).hasValue(1);
        lost[0] = true;
        assertThatThrownBy(() -> connections.disconnect(second)).isInstanceOf(MemoryNodeLost.class);
        assertThat(connections.disconnect(second)).isEqualTo(new Frame.Disconnected(3));
        for (int number : new int[] {-1, 0, 3}) {
            assertThatThrownBy(() -> connections.disconnect(new Frame.Disconnect(4, number)))
                    .isInstanceOf(InvalidRequest.class);
        }
    }
}
