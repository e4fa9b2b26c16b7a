package io.finemem.tck.coordination;

final class StaticFeatureTest extends FeatureContract {
    @Override
    protected CoordinationFixture newFixture() {
        return new StaticFixture();
    }
}
