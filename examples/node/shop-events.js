// What a small shop tells Hakuna about its orders: placed, shipped, refunded, cancelled.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 3;
const TIMEOUT_MS = 10_000;

/**
 * Publishes order events; each method returns the id of the accepted event.
 *
 * An order is { id, customer, address, lines: [{ id, productId, title, brand, quantity,
 * priceCents, protects? }] }; `protects` is the product id that an insurance line belongs to.
 * Quantities are pieces by line id, this time and not in all: { 'line-1': 2 }.
 */
export class ShopEvents {
  #url;
  #apiKey;

  constructor(url, apiKey) {
    this.#url = url;
    this.#apiKey = apiKey;
  }

  /** The shop as it is deployed: HAKUNA_URL and HAKUNA_API_KEY say where to and as whom. */
  static fromEnvironment(environment = process.env) {
    return new ShopEvents(environment.HAKUNA_URL, environment.HAKUNA_API_KEY);
  }

  placed(order) {
    return this.#publish('order_placed', order, {
      placed_at: now(),
      order_currency: 'eur',
      customer: order.customer,
      customer_billing_address: order.address,
      line_items: order.lines.map(lineItem),
    });
  }

  shipped(order, quantities) {
    const items = entries(quantities, 'fulfilled_at');
    return this.#publish('order_fulfillment_added', order, { fulfillment_items: items });
  }

  /** Goods came back and were paid back; their protections go with them. */
  refunded(order, quantities) {
    const items = entries(this.withProtections(order, quantities), 'refunded_at');
    return this.#publish('order_refund_added', order, { refund_items: items });
  }

  /** The whole order was called off before anything was shipped. */
  cancelled(order) {
    return this.#publish('order_cancelled', order, { cancelled_at: now() });
  }

  /** The quantities with those of the protections that belong to the products. */
  withProtections(order, quantities) {
    const whole = { ...quantities };
    for (const product of order.lines.filter((line) => line.id in quantities && !line.protects)) {
      for (const line of order.lines) {
        if (line.protects === product.productId && !(line.id in quantities)) {
          whole[line.id] = Math.min(quantities[product.id], line.quantity);
        }
      }
    }
    return whole;
  }

  async #publish(type, order, payload) {
    const body = JSON.stringify({ type, payload: { order_id: order.id, ...payload } });
    // One key for all attempts: if only the reply was lost, the event must not count twice.
    const headers = {
      Authorization: `Bearer ${this.#apiKey}`,
      'Content-Type': 'application/json',
      'Hakuna-Version': 'v2.0',
      'Hakuna-Idempotency-Key': randomUUID(),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const reply = await fetch(this.#url, { method: 'POST', headers, body, signal });
        if (reply.ok) return (await reply.json()).event_id;
        const refusal = new Error(`Hakuna answered ${reply.status}: ${await reply.text()}`);
        refusal.final = reply.status < 500 && reply.status !== 429;
        throw refusal;
      } catch (error) {
        if (error.final || attempt === ATTEMPTS) throw error;
        await sleep(100 * attempt);
      }
    }
  }
}

function lineItem(line) {
  return {
    id: line.id,
    quantity: line.quantity,
    price_amount: line.priceCents,
    product_id: line.productId,
    product_title: line.title,
    product_brand: line.brand,
    ...(line.protects && { custom_properties: { product_reference: line.protects } }),
  };
}

function entries(quantities, stamp) {
  const at = now();
  return Object.entries(quantities).map(([line_item_id, quantity]) => ({
    line_item_id,
    quantity,
    [stamp]: at,
  }));
}

function now() {
  return new Date().toISOString();
}
