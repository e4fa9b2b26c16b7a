package io.finemem.runtime.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.finemem.api.ProtocolViolation;

/** One message per line. */
final class JsonLines {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonLines() {}

    /** A message as a line without its end. */
    static String print(Message message) {
        try {
            return JSON.writerFor(Message.class).writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a message has no JSON form: " + message, e);
        }
    }

    /**
     * Reads a line.
     *
     * @throws ProtocolViolation if it is no message
     */
    static Message parse(String line) {
        try {
            return JSON.readValue(line, Message.class);
        } catch (JsonProcessingException e) {
            throw new ProtocolViolation(
                    e, "a process of the demonstration said something else than a message: " + line);
        }
    }
}
