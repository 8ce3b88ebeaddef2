<?php

declare(strict_types=1);

/**
 * What a small shop tells Hakuna about its orders; each method returns the id of the accepted event.
 *
 * An order is ['id', 'customer', 'address', 'lines' => [['id', 'product_id', 'title', 'brand',
 * 'quantity', 'price_cents', 'protects'?]]]; 'protects' is the product id that an insurance line
 * belongs to. Quantities are pieces by line id, this time and not in all: ['line-1' => 2].
 */
class ShopEvents
{
    private const ATTEMPTS = 3;
    private const TIMEOUT_SECONDS = 10;

    public function __construct(private string $url, private string $apiKey)
    {
    }

    /** The shop as it is deployed: HAKUNA_URL and HAKUNA_API_KEY say where to and as whom. */
    public static function fromEnvironment(): self
    {
        return new self((string) getenv('HAKUNA_URL'), (string) getenv('HAKUNA_API_KEY'));
    }

    public function placed(array $order): string
    {
        return $this->publish('order_placed', $order, [
            'placed_at' => self::now(),
            'order_currency' => 'eur',
            'customer' => $order['customer'],
            'customer_billing_address' => $order['address'],
            'line_items' => array_map(self::lineItem(...), $order['lines']),
        ]);
    }

    public function shipped(array $order, array $quantities): string
    {
        $items = self::entries($quantities, 'fulfilled_at');

        return $this->publish('order_fulfillment_added', $order, ['fulfillment_items' => $items]);
    }

    /** Goods came back and were paid back; their protections go with them. */
    public function refunded(array $order, array $quantities): string
    {
        $items = self::entries($this->withProtections($order, $quantities), 'refunded_at');

        return $this->publish('order_refund_added', $order, ['refund_items' => $items]);
    }

    /** The whole order was called off before anything was shipped. */
    public function cancelled(array $order): string
    {
        return $this->publish('order_cancelled', $order, ['cancelled_at' => self::now()]);
    }

    /** The quantities with those of the protections that belong to the products. */
    protected function withProtections(array $order, array $quantities): array
    {
        $whole = $quantities;
        foreach ($order['lines'] as $product) {
            if (!isset($quantities[$product['id']]) || isset($product['protects'])) {
                continue;
            }
            foreach ($order['lines'] as $line) {
                $belongs = ($line['protects'] ?? null) === $product['product_id'];
                if ($belongs && !isset($quantities[$line['id']])) {
                    $whole[$line['id']] = min($quantities[$product['id']], $line['quantity']);
                }
            }
        }

        return $whole;
    }

    private function publish(string $type, array $order, array $payload): string
    {
        $event = ['type' => $type, 'payload' => ['order_id' => $order['id']] + $payload];
        $body = json_encode($event, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
        // One key for all attempts: if only the reply was lost, the event must not count twice.
        $headers = [
            "Authorization: Bearer {$this->apiKey}",
            'Content-Type: application/json',
            'Hakuna-Version: v2.0',
            'Hakuna-Idempotency-Key: ' . self::uuid(),
        ];
        for ($attempt = 1; ; ++$attempt) {
            [$status, $reply] = self::post($this->url, $headers, $body);
            if ($status === 200) {
                return json_decode($reply, true, flags: JSON_THROW_ON_ERROR)['event_id'];
            }
            $again = $status === 0 || $status === 429 || $status >= 500;
            if (!$again || $attempt === self::ATTEMPTS) {
                throw new RuntimeException("Hakuna answered $status: $reply");
            }
            usleep(100_000 * $attempt);
        }
    }

    /** @return array{int, string} status and body; status 0 and the reason where none came */
    private static function post(string $url, array $headers, string $body): array
    {
        $request = curl_init($url);
        curl_setopt_array($request, [
            CURLOPT_POST => true,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => self::TIMEOUT_SECONDS,
        ]);
        $reply = curl_exec($request);

        return $reply === false
            ? [0, curl_error($request)]
            : [curl_getinfo($request, CURLINFO_RESPONSE_CODE), $reply];
    }

    private static function lineItem(array $line): array
    {
        $item = [
            'id' => $line['id'],
            'quantity' => $line['quantity'],
            'price_amount' => $line['price_cents'],
            'product_id' => $line['product_id'],
            'product_title' => $line['title'],
            'product_brand' => $line['brand'],
        ];
        if (isset($line['protects'])) {
            $item['custom_properties'] = ['product_reference' => $line['protects']];
        }

        return $item;
    }

    private static function entries(array $quantities, string $stamp): array
    {
        $now = self::now();
        $items = [];
        foreach ($quantities as $line => $quantity) {
            // PHP makes numbers of keys such as '1'; the API wants the id as text.
            $items[] = ['line_item_id' => (string) $line, 'quantity' => $quantity, $stamp => $now];
        }

        return $items;
    }

    private static function now(): string
    {
        return (new DateTimeImmutable('now', new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.v\Z');
    }

    private static function uuid(): string
    {
        $bytes = random_bytes(16);
        $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
        $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);

        return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
    }
}
