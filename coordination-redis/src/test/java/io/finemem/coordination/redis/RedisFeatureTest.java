package io.finemem.coordination.redis;

import io.finemem.tck.coordination.CoordinationFixture;
import io.finemem.tck.coordination.FeatureContract;

final class RedisFeatureTest extends FeatureContract {
    @Override
    protected CoordinationFixture newFixture() {
        return RedisFixture.create();
    }
}
