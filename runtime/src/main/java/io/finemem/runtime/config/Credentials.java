package io.finemem.runtime.config;

import io.finemem.runtime.control.ControlSecurity;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.runtime.control.TlsFiles;
import io.finemem.runtime.control.TlsIdentity;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How this process proves itself on control channels.
 *
 * @param secretFile the secret that is shared with the other side; not looked at with TLS
 * @param tls files of keys and certificates; empty for the secret
 */
public record Credentials(Path secretFile, Optional<TlsFiles> tls) {

    /**
     * Reads the files.
     *
     * @throws io.finemem.api.InvalidConfiguration if one of them is not usable
     */
    public ControlSecurity load() {
        return tls.isPresent() ? TlsIdentity.load(tls.get()) : PresharedSecret.load(secretFile);
    }
}
