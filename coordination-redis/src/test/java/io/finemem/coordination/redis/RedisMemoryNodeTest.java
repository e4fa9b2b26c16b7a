package io.finemem.coordination.redis;

import io.finemem.tck.coordination.CoordinationFixture;
import io.finemem.tck.coordination.MemoryNodeContract;

final class RedisMemoryNodeTest extends MemoryNodeContract {
    @Override
    protected CoordinationFixture newFixture() {
        return RedisFixture.create();
    }
}
