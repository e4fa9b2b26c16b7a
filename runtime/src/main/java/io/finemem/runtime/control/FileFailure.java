package io.finemem.runtime.control;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** Why a file that the configuration names cannot be used, in words, with what to do about it. */
public final class FileFailure {
    private FileFailure() {}

    /** Why it cannot be read; ends a sentence. */
    public static String ofReading(Path file, Exception failure) {
        if (failure instanceof AccessDeniedException) {
            return "this user (" + System.getProperty("user.name") + ") may not; give it to this user (chown "
                    + System.getProperty("user.name") + " " + file + "), or run as the user that it belongs to";
        }
        return reason(failure);
    }

    /** Why it cannot be written; ends a sentence. */
    public static String ofWriting(Path file, IOException failure) {
        Path directory = file.toAbsolutePath().getParent();
        if (failure instanceof AccessDeniedException) {
            return "this user (" + System.getProperty("user.name") + ") may not write to " + directory
                    + "; choose another directory";
        }
        return reason(failure) + "; choose another directory, or mend " + directory;
    }

    /** The system's word for it, without the path. */
    private static String reason(Exception failure) {
        if (failure instanceof FileSystemException of && of.getReason() != null) {
            return of.getReason();
        }
        return failure instanceof FileSystemException ? failure.toString() : String.valueOf(failure.getMessage());
    }
}
