package io.finemem.coordination.redis;

import io.finemem.tck.coordination.CoordinationFixture;
import io.finemem.tck.coordination.LifecycleContract;

final class RedisLifecycleTest extends LifecycleContract {
    @Override
    protected CoordinationFixture newFixture() {
        return RedisFixture.create();
    }
}
