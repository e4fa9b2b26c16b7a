package io.finemem.verbs.disni;

import io.finemem.tck.DeviceUnderTest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An rxe device of this machine with its first routable GID, or the {@link DeviceUnderTest} that was named.
 *
 * @param gid 16 bytes, an IPv4-mapped address
 */
record RxeDevice(String name, InetAddress address, int gidIndex, byte[] gid) {
    private static final Path DEVICES = Path.of("/sys/class/infiniband");
    private static final String IPV4_MAPPED = "00000000000000000000ffff";
    private static final int IPV4_START = 12;
    private static final String ANY = "";

    /** @throws IOException if there is none; the text says so */
    static RxeDevice find() throws IOException {
        Map<String, String> named = DeviceUnderTest.ofThisRun().settings();
        if (named.containsKey("device")) {
            return withGid(DEVICES.resolve(named.get("device")), named.getOrDefault("gid-index", ANY));
        }
        for (Path device : list(DEVICES)) {
            // Only rxe names the network interface below it in a file "parent".
            if (Files.exists(device.resolve("parent"))) {
                return withGid(device, ANY);
            }
        }
        throw new IOException("no rxe device in " + DEVICES);
    }

    private static RxeDevice withGid(Path device, String index) throws IOException {
        Path gids = device.resolve("ports/1/gids");
        for (Path gid : list(gids)) {
            String hex = Files.readString(gid).strip().replace(":", "");
            boolean wanted = index.equals(ANY) || gid.getFileName().toString().equals(index);
            if (wanted && hex.startsWith(IPV4_MAPPED)) {
                byte[] bytes = HexFormat.of().parseHex(hex);
                InetAddress address = InetAddress.getByAddress(Arrays.copyOfRange(bytes, IPV4_START, bytes.length));
                return new RxeDevice(
                        device.getFileName().toString(),
                        address,
                        Integer.parseInt(gid.getFileName().toString()),
                        bytes);
            }
        }
        throw new IOException("no IPv4 address on RDMA device " + device.getFileName());
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }
}
