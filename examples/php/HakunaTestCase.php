<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/ShopEvents.php';

/**
 * Tests in worlds of their own: each has a fresh key, and fails with the mock's explanation if it
 * sent a wrong event. The mock runs at HAKUNA_MOCK_URL.
 */
abstract class HakunaTestCase extends TestCase
{
    protected string $apiKey;
    protected string $eventsUrl;
    private string $mock;

    protected function setUp(): void
    {
        $this->mock = getenv('HAKUNA_MOCK_URL') ?: 'http://127.0.0.1:4258';
        $this->eventsUrl = "{$this->mock}/sandbox/events";
        $this->apiKey = 'sk_test_' . bin2hex(random_bytes(16));
    }

    /** The verdict is part of the test. */
    protected function assertPostConditions(): void
    {
        $verdict = $this->ask('verdict');
        $this->assertTrue($verdict['passed'], $verdict['text']);
    }

    /** Accepted events of a type, oldest first. */
    protected function events(string $type): array
    {
        return $this->ask("events?type=$type&limit=1000");
    }

    /** Every request with its reply, retries and refused ones, too. */
    protected function requests(): array
    {
        return $this->ask('requests?limit=1000');
    }

    /** Findings of a rule, open and resolved. */
    protected function findings(string $rule): array
    {
        return $this->ask("findings?rule=$rule");
    }

    /** A rule that this test breaks on purpose. */
    protected function allow(string $rule): void
    {
        $this->ask('settings', 'PUT', json_encode(['rules' => [$rule => 'advice']]));
    }

    /** Let the mock misbehave for the next events of this world: 'commit_drop', 'unavailable' … */
    protected function fault(string $effect, int $times = 1): void
    {
        $armed = $this->ask('faults', 'POST', json_encode(['effect' => $effect, 'times' => $times]));
        $this->assertArrayNotHasKey('error', $armed, json_encode($armed));
    }

    private function ask(string $path, string $method = 'GET', ?string $body = null): array
    {
        $headers = ["Authorization: Bearer {$this->apiKey}", 'Content-Type: application/json'];
        if ($token = getenv('HAKUNA_MOCK_ADMIN_TOKEN')) {
            $headers[] = "Hakuna-Mock-Admin: $token";
        }
        $request = curl_init("{$this->mock}/_mock/v1/$path");
        curl_setopt_array($request, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_RETURNTRANSFER => true,
        ]);
        if ($body !== null) {
            curl_setopt($request, CURLOPT_POSTFIELDS, $body);
        }
        $reply = curl_exec($request);
        $this->assertIsString($reply, "no hakuna-mock at {$this->mock}: " . curl_error($request));

        return json_decode($reply, true, flags: JSON_THROW_ON_ERROR);
    }

    /** Two insured phones, and a case that is not. */
    protected static function order(): array
    {
        return [
            'id' => '2024-0815',
            'customer' => [
                'first_name' => 'Max', 'last_name' => 'Mustermann', 'email' => 'max@example.com',
            ],
            'address' => [
                'address_line_1' => 'Musterstrasse 1', 'city' => 'München', 'country' => 'de',
                'zip' => '81371',
            ],
            'lines' => [
                [
                    'id' => '1', 'product_id' => 'phone-14', 'title' => 'Phone 14',
                    'brand' => 'Acme', 'quantity' => 2, 'price_cents' => 89900,
                ],
                [
                    'id' => '2', 'product_id' => 'care-24', 'title' => '24 months of care',
                    'brand' => 'hakuna', 'quantity' => 2, 'price_cents' => 8499,
                    'protects' => 'phone-14',
                ],
                [
                    'id' => '3', 'product_id' => 'case-red', 'title' => 'Red case',
                    'brand' => 'Acme', 'quantity' => 1, 'price_cents' => 1900,
                ],
            ],
        ];
    }
}
