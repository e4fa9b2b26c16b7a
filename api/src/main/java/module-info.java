/** What an application sees of FineMem: remote memory, blocks, errors and statistics. */
module io.finemem.api {
    requires static transitive org.jspecify;

    exports io.finemem.api;
}
