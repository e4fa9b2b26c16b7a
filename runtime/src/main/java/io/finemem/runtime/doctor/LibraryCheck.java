package io.finemem.runtime.doctor;

import java.util.List;
import java.util.stream.Stream;

/** The native libraries of RDMA. */
final class LibraryCheck implements Check {
    private static final String REMEDY = "apt-get install rdma-core ibverbs-providers librdmacm1";

    @Override
    public List<Finding> examine(Machine machine) {
        return Stream.of("libibverbs.so.1", "librdmacm.so.1")
                .map(library -> machine.library(library)
                        .map(path -> Finding.ok(library, path))
                        .orElseGet(() -> Finding.problem(library, "not found", REMEDY, Finding.RDMA)))
                .toList();
    }
}
