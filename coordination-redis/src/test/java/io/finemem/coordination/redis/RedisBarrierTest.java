package io.finemem.coordination.redis;

import io.finemem.tck.coordination.BarrierContract;
import io.finemem.tck.coordination.CoordinationFixture;

final class RedisBarrierTest extends BarrierContract {
    @Override
    protected CoordinationFixture newFixture() {
        return RedisFixture.create();
    }
}
