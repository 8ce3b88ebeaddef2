<?php

declare(strict_types=1);

require_once __DIR__ . '/HakunaTestCase.php';

/** Refunds what came back, and forgets the protection that belongs to it. */
final class ForgetfulShop extends ShopEvents
{
    protected function withProtections(array $order, array $quantities): array
    {
        return $quantities;
    }
}

/** The same shop with a bug, to see it explained: phpunit PlantedBug.php */
final class PlantedBug extends HakunaTestCase
{
    public function testRefund(): void
    {
        $shop = new ForgetfulShop($this->eventsUrl, $this->apiKey);
        $shop->placed(self::order());
        $shop->shipped(self::order(), ['1' => 2]);
        $shop->refunded(self::order(), ['1' => 1]);
    }
}
