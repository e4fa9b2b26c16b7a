package io.finemem.verbs.disni;

/**
 * DiSNI's class loads libdisni.so in its static initialiser, which kills the completion thread of every endpoint group. Its
 * code is copied under DiSNI's name, so it uses only public classes.
 */
@Replaces("com.ibm.disni.util.NativeAffinity")
final class AffinityReplacement {
    private AffinityReplacement() {}

    /** Binds the calling thread to the processors of the mask (bit i is processor i); a mask of 0 or below changes nothing. */
    public static void setAffinity(long affinity) {
        if (affinity > 0) {
            ThreadAffinity.set(affinity);
        }
    }

    /** Processors of the calling thread, or all ones if the system does not say. */
    public static long getAffinity() {
        return ThreadAffinity.get();
    }
}
