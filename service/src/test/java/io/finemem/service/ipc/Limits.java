package io.finemem.service.ipc;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** What a test changes of its process or thread. */
public final class Limits implements AutoCloseable {
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final long PRLIMIT64 = ARM ? 261 : 302;
    private static final long SETRESUID = ARM ? 147 : 117;
    private static final long SETGROUPS = ARM ? 159 : 116;
    private static final long SETRESGID = ARM ? 149 : 119;
    private static final int RLIMIT_NOFILE = 7;

    private final Raw before = new Raw(2 * Long.BYTES);

    private Limits() {}

    public static boolean root() {
        return LibC.C.geteuid() == 0;
    }

    public static int numberOf(SharedSegment segment) {
        return segment.fd();
    }

    /** Memory that its holders may shorten. */
    public static SharedSegment unsealed(int bytes) throws IOException {
        int fd;
        try (Raw name = new Raw(1)) {
            fd = SystemCallFailed.check("memfd_create", LibC.C.memfd_create(name.at(0), 1 | 2));
        }
        SystemCallFailed.check("ftruncate", LibC.C.ftruncate(fd, bytes));
        return SharedSegment.adopt(fd, bytes);
    }

    /** Runs something in a thread that is another user's: system calls, unlike libc, change the calling thread alone. */
    public static <T> T asUser(int uid, Callable<T> work) throws Exception {
        return asMember(uid, 0, work);
    }

    /** Runs something in a thread of another user whose group is its own number and who is in one group besides. */
    public static <T> T asMember(int uid, int group, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            try (Raw groups = new Raw(Integer.BYTES)) {
                groups.putInt(0, group);
                int count = group == 0 ? 0 : 1;
                SystemCallFailed.check("setgroups", (int) LibC.C.syscall(SETGROUPS, count, groups.at(0), 0, 0));
            }
            SystemCallFailed.check("setresgid", (int) LibC.C.syscall(SETRESGID, uid, uid, uid, 0));
            SystemCallFailed.check("setresuid", (int) LibC.C.syscall(SETRESUID, uid, uid, uid, 0));
            return work.call();
        });
        Thread thread = new Thread(task);
        thread.start();
        thread.join();
        return task.get();
    }

    /** Lowers how many descriptors this process may have, until it is closed. */
    public static Limits ofDescriptors(int count) throws SystemCallFailed {
        Limits limits = new Limits();
        try (Raw now = new Raw(2 * Long.BYTES)) {
            long old = limits.before.at(0);
            SystemCallFailed.check("prlimit", (int) LibC.C.syscall(PRLIMIT64, 0, RLIMIT_NOFILE, 0, old));
            now.putLong(0, count);
            now.putLong(Long.BYTES, limits.before.getLong(Long.BYTES));
            SystemCallFailed.check("prlimit", (int) LibC.C.syscall(PRLIMIT64, 0, RLIMIT_NOFILE, now.at(0), 0));
        }
        return limits;
    }

    @Override
    public void close() {
        LibC.C.syscall(PRLIMIT64, 0, RLIMIT_NOFILE, before.at(0), 0);
        before.close();
    }
}
