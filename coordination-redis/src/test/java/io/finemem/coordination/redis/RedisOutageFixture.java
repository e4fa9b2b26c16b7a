package io.finemem.coordination.redis;

import io.finemem.spi.coordination.Coordination;
import io.finemem.tck.coordination.OutageFixture;
import java.time.Duration;

/** A directory on a redis-server process of its own, which can be killed. */
final class RedisOutageFixture implements OutageFixture {
    private final RedisServer server = RedisServer.start().ready();
    private final RedisFixture directory = RedisFixture.on(RedisFixture.settings(server.address()));

    @Override
    public Coordination open() {
        return directory.open();
    }

    @Override
    public void vanish(Coordination participant) {
        directory.vanish(participant);
    }

    @Override
    public Duration lease() {
        return directory.lease();
    }

    @Override
    public void killDirectory() {
        server.kill();
    }

    @Override
    public void freezeDirectory() {
        server.freeze();
    }

    @Override
    public void thawDirectory() {
        server.thaw();
    }

    @Override
    public void restartDirectory() {
        server.restart();
    }

    @Override
    public void restartDirectoryEmpty() {
        server.restartEmpty();
    }

    @Override
    public void close() {
        try {
            directory.close();
        } finally {
            server.close();
        }
    }
}
