package io.finemem.runtime.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.ProtocolViolation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ParentLinkTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final AtomicInteger cuts = new AtomicInteger();

    @Test
    void messagesGoBothWays() throws Exception {
        try (PipedOutputStream parent = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(parent)) {
            parent.write((JsonLines.print(new Message.Finish()) + "\n").getBytes(StandardCharsets.UTF_8));
            Object received = inChild(in, link -> {
                link.send(new Message.Progress(7));
                return link.receive(Message.Finish.class);
            });
            assertThat(received).isEqualTo(new Message.Finish());
            assertThat(JsonLines.parse(said.toString(StandardCharsets.UTF_8).strip()))
                    .isEqualTo(new Message.Progress(7));
        }
    }

    @Test
    void whenTheParentClosesTheLineWaitingEnds() throws Exception {
        Object thrown = inChild(new ByteArrayInputStream(new byte[0]), link -> {
            try {
                return link.receive(Message.Finish.class);
            } catch (ParentLink.ParentGone e) {
                return e;
            }
        });
        assertThat(thrown).isInstanceOf(ParentLink.ParentGone.class);
    }

    @Test
    void whenTheParentIsGoneNothingIsSaidAnyMore() throws Exception {
        Object thrown = inChild(new ByteArrayInputStream(new byte[0]), link -> {
            try {
                link.receive(Message.Finish.class);
                return "received";
            } catch (ParentLink.ParentGone gone) {
                try {
                    link.send(new Message.Progress(1));
                    return "sent";
                } catch (ParentLink.ParentGone e) {
                    return e;
                }
            }
        });
        assertThat(thrown).isInstanceOf(ParentLink.ParentGone.class);
        assertThat(said.size()).isZero();
        assertThat(cuts).hasValue(1);
    }

    @Test
    void anUnexpectedMessageIsAProtocolViolation() throws Exception {
        try (PipedOutputStream parent = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(parent)) {
            parent.write((JsonLines.print(new Message.Progress(1)) + "\n").getBytes(StandardCharsets.UTF_8));
            Object thrown = inChild(in, link -> {
                try {
                    return link.receive(Message.Finish.class);
                } catch (ProtocolViolation e) {
                    return e;
                }
            });
            assertThat(thrown).isInstanceOf(ProtocolViolation.class);
        }
    }

    /** In a thread that ends afterwards: a link's main thread has to end when the parent is gone. */
    private Object inChild(InputStream in, Function<ParentLink, Object> work) throws Exception {
        CompletableFuture<Object> result = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        result.complete(
                                work.apply(ParentLink.open(in, new PrintStream(said, true), cuts::incrementAndGet)));
                    } catch (RuntimeException e) {
                        result.completeExceptionally(e);
                    }
                })
                .start();
        return result.get(30, TimeUnit.SECONDS);
    }
}
