package io.finemem.coordination.redis;

import io.finemem.tck.coordination.OutageContract;
import io.finemem.tck.coordination.OutageFixture;

final class RedisOutageTest extends OutageContract {
    @Override
    protected OutageFixture newFixture() {
        return new RedisOutageFixture();
    }
}
