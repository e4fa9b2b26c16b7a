package io.finemem.coordination.redis;

import io.finemem.tck.coordination.CoordinationFixture;
import io.finemem.tck.coordination.WatchContract;

final class RedisWatchTest extends WatchContract {
    @Override
    protected CoordinationFixture newFixture() {
        return RedisFixture.create();
    }
}
