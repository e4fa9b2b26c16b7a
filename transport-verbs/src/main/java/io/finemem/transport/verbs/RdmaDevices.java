package io.finemem.transport.verbs;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The machine's RDMA devices, read from {@code /sys/class/infiniband}: nothing is opened, no library is needed.
 * <pre>
 *  infiniband/NAME/device          link to the bus; software devices have none
 *                 /parent          soft-RoCE only: its network interface
 *                 /ports/N/state, link_layer
 *                         /gids/I, gid_attrs/types/I, gid_attrs/ndevs/I
 * </pre>
 */
public final class RdmaDevices {
    /** Where the kernel shows its devices. */
    public static final Path SYSFS = Path.of("/sys/class/infiniband");

    /** Directory of the device files. */
    public static final Path DEVICE_FILES = Path.of("/dev/infiniband");

    private static final String UNUSED_GID_ERROR = "Invalid argument";
    private static final int UNUSED_GIDS_AT_THE_END = 32;

    private RdmaDevices() {}

    /** All devices of this machine by name; empty if there are none. */
    public static List<RdmaDevice> ofThisMachine() {
        return under(SYSFS);
    }

    /** All devices below a directory that looks like {@link #SYSFS}. */
    public static List<RdmaDevice> under(Path root) {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        return entries(root).stream()
                .map(RdmaDevices::device)
                .sorted(Comparator.comparing(RdmaDevice::name))
                .toList();
    }

    /** Whether this user may open the device files through which libibverbs works. */
    public static boolean accessible() {
        File[] files = DEVICE_FILES.toFile().listFiles((parent, name) -> name.startsWith("uverbs"));
        return files != null && Arrays.stream(files).anyMatch(file -> file.canRead() && file.canWrite());
    }

    private static RdmaDevice device(Path directory) {
        Path parent = directory.resolve("parent");
        boolean rxe = Files.exists(parent);
        RdmaDevice.Kind kind = rxe
                ? RdmaDevice.Kind.RXE
                : Files.exists(directory.resolve("device")) ? RdmaDevice.Kind.HARDWARE : RdmaDevice.Kind.OTHER_SOFTWARE;
        Path ports = directory.resolve("ports");
        List<RdmaPort> found = Files.isDirectory(ports)
                ? entries(ports).stream()
                        .map(RdmaDevices::port)
                        .sorted(Comparator.comparingInt(RdmaPort::number))
                        .toList()
                : List.of();
        return new RdmaDevice(directory.getFileName().toString(), kind, rxe ? text(parent) : "", found);
    }

    private static RdmaPort port(Path directory) {
        int number = Integer.parseInt(directory.getFileName().toString());
        String state = text(directory.resolve("state"));
        String stateName = state.substring(state.indexOf(':') + 1).trim();
        return new RdmaPort(number, stateName, text(directory.resolve("link_layer")), gids(directory));
    }

    /**
     * A table may have a thousand entries, of which the first few are in use: reading all would take a tenth of a
     * second.
     */
    private static List<Gid> gids(Path port) {
        Path table = port.resolve("gids");
        Path attributes = port.resolve("gid_attrs");
        List<Gid> gids = new ArrayList<>();
        int unused = 0;
        for (int index = 0; unused < UNUSED_GIDS_AT_THE_END; index++) {
            String entry = Integer.toString(index);
            String value = text(table.resolve(entry));
            Gid bare = value.isEmpty() ? null : Gid.parse(index, value, "", "");
            if (bare == null || bare.isEmpty()) {
                unused++;
                continue;
            }
            unused = 0;
            String type = text(attributes.resolve("types").resolve(entry));
            String interfaceName = text(attributes.resolve("ndevs").resolve(entry));
            gids.add(new Gid(index, bare.high(), bare.low(), type, interfaceName));
        }
        return gids;
    }

    private static List<Path> entries(Path directory) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(entries::add);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + directory, e);
        }
        return entries;
    }

    /** Content of a file without the line end; empty if it does not exist or the kernel has no value for the entry. */
    private static String text(Path file) {
        try {
            return Files.readString(file).trim();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains(UNUSED_GID_ERROR)) {
                return "";
            }
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
