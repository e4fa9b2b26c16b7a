package io.finemem.runtime.config;

import io.finemem.runtime.control.NodeName;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** A name for this process that people recognise in a log: {@code user@host:process-id}. */
final class ThisProcess {
    private ThisProcess() {}

    static String name() {
        String process = ":" + ProcessHandle.current().pid();
        String name = (System.getProperty("user.name", "user") + "@" + host()).replaceAll("[^A-Za-z0-9._@-]", "_");
        int room = NodeName.MAX_LENGTH - process.length();
        String shortened = name.length() <= room ? name : name.substring(0, room);
        return NodeName.valid(shortened + process) ? shortened + process : "client" + process;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
