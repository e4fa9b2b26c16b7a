package io.finemem.coordination.redis;

import io.finemem.tck.coordination.CoordinationFixture;
import io.finemem.tck.coordination.OwnerContract;

final class RedisOwnerTest extends OwnerContract {
    @Override
    protected CoordinationFixture newFixture() {
        return RedisFixture.create();
    }
}
