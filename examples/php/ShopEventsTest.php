<?php

declare(strict_types=1);

require_once __DIR__ . '/HakunaTestCase.php';

/** The shop's own tests: hakuna-mock is the provider, and judges what it is sent. */
final class ShopEventsTest extends HakunaTestCase
{
    private function shop(): ShopEvents
    {
        return new ShopEvents($this->eventsUrl, $this->apiKey);
    }

    public function testAPlacedOrderReachesHakunaWithItsProtection(): void
    {
        $eventId = $this->shop()->placed(self::order());
        [$event] = $this->events('order_placed');
        $this->assertSame($eventId, $event['event_id']);
        $plan = $event['body']['payload']['line_items'][1];
        $this->assertSame('phone-14', $plan['custom_properties']['product_reference']);
    }

    public function testARefundTakesTheProtectionWithIt(): void
    {
        $shop = $this->shop();
        $shop->placed(self::order());
        $shop->shipped(self::order(), ['1' => 2]);
        $shop->refunded(self::order(), ['1' => 1]);
        [$event] = $this->events('order_refund_added');
        $refunded = array_column($event['body']['payload']['refund_items'], 'quantity', 'line_item_id');
        $this->assertSame(['1' => 1, '2' => 1], $refunded);
    }

    public function testGoodsWithoutAProtectionAreRefundedAlone(): void
    {
        $shop = $this->shop();
        $shop->placed(self::order());
        $shop->shipped(self::order(), ['3' => 1]);
        $shop->refunded(self::order(), ['3' => 1]);
        [$event] = $this->events('order_refund_added');
        $lines = array_column($event['body']['payload']['refund_items'], 'line_item_id');
        $this->assertSame(['3'], $lines);
    }

    public function testAnOrderCanBeCancelledBeforeItIsShipped(): void
    {
        $shop = $this->shop();
        $shop->placed(self::order());
        $shop->cancelled(self::order());
        $this->assertCount(1, $this->events('order_cancelled'));
    }

    public function testCancellingAfterShipmentIsTheMistakeThatHakunaDeclines(): void
    {
        $this->allow('order-cancel-after-fulfillment');
        $shop = $this->shop();
        $shop->placed(self::order());
        $shop->shipped(self::order(), ['1' => 2]);
        $shop->cancelled(self::order());
        $this->assertCount(1, $this->findings('order-cancel-after-fulfillment'));
    }

    public function testALostReplyDoesNotCountTheEventTwice(): void
    {
        $this->fault('commit_drop');
        $this->shop()->placed(self::order());
        $this->assertCount(2, $this->requests());
        $this->assertCount(1, $this->events('order_placed'));
    }

    public function testAServerThatIsOutOfServiceForAMomentIsAskedAgain(): void
    {
        $this->fault('unavailable', 2);
        $this->shop()->placed(self::order());
        $this->assertCount(3, $this->requests());
    }

    public function testARefusalIsNotRepeatedAndSaysWhy(): void
    {
        $this->allow('body-invalid');
        try {
            $this->shop()->placed(['id' => ''] + self::order());
            $this->fail('an order without an id was accepted');
        } catch (RuntimeException $refusal) {
            $this->assertStringContainsString('Hakuna answered 400', $refusal->getMessage());
            $this->assertStringContainsString('order_id', $refusal->getMessage());
        }
        $this->assertCount(1, $this->requests());
    }

    public function testTheDeployedShopIsConfiguredByItsEnvironment(): void
    {
        putenv("HAKUNA_URL={$this->eventsUrl}");
        putenv("HAKUNA_API_KEY={$this->apiKey}");
        ShopEvents::fromEnvironment()->placed(self::order());
        $this->assertCount(1, $this->events('order_placed'));
    }
}
