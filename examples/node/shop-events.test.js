// The shop's own tests: hakuna-mock is the provider, and judges what it is sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { judged } from './hakuna-mock.js';
import { order } from './order.js';
import { ShopEvents } from './shop-events.js';

const shopOf = (hakuna) => new ShopEvents(hakuna.eventsUrl, hakuna.apiKey);

test('a placed order reaches Hakuna with its protection', judged(async (hakuna) => {
  const eventId = await shopOf(hakuna).placed(order);
  const [event] = await hakuna.events('order_placed');
  assert.equal(event.event_id, eventId);
  const plan = event.body.payload.line_items[1];
  assert.deepEqual(plan.custom_properties, { product_reference: 'phone-14' });
}));

test('a refund takes the protection with it', judged(async (hakuna) => {
  const shop = shopOf(hakuna);
  await shop.placed(order);
  await shop.shipped(order, { 1: 2 });
  await shop.refunded(order, { 1: 1 });
  const [event] = await hakuna.events('order_refund_added');
  const refunded = event.body.payload.refund_items.map((one) => [one.line_item_id, one.quantity]);
  assert.deepEqual(refunded, [['1', 1], ['2', 1]]);
}));

test('goods without a protection are refunded alone', judged(async (hakuna) => {
  const shop = shopOf(hakuna);
  await shop.placed(order);
  await shop.shipped(order, { 3: 1 });
  await shop.refunded(order, { 3: 1 });
  const [event] = await hakuna.events('order_refund_added');
  assert.deepEqual(event.body.payload.refund_items.map((one) => one.line_item_id), ['3']);
}));

test('an order can be cancelled before it is shipped', judged(async (hakuna) => {
  const shop = shopOf(hakuna);
  await shop.placed(order);
  await shop.cancelled(order);
  assert.equal((await hakuna.events('order_cancelled')).length, 1);
}));

test('cancelling after shipment is the mistake that Hakuna declines', judged(async (hakuna) => {
  await hakuna.allow('order-cancel-after-fulfillment');
  const shop = shopOf(hakuna);
  await shop.placed(order);
  await shop.shipped(order, { 1: 2 });
  await shop.cancelled(order);
  assert.equal((await hakuna.findings('order-cancel-after-fulfillment')).length, 1);
}));

test('a lost reply does not count the event twice', judged(async (hakuna) => {
  await hakuna.fault('commit_drop');
  await shopOf(hakuna).placed(order);
  assert.equal((await hakuna.requests()).length, 2);
  assert.equal((await hakuna.events('order_placed')).length, 1);
}));

test('a server that is out of service for a moment is asked again', judged(async (hakuna) => {
  await hakuna.fault('unavailable', 2);
  await shopOf(hakuna).placed(order);
  assert.equal((await hakuna.requests()).length, 3);
}));

test('a refusal is not repeated, and says why', judged(async (hakuna) => {
  await hakuna.allow('body-invalid');
  const nameless = { ...order, id: '' };
  await assert.rejects(shopOf(hakuna).placed(nameless), /Hakuna answered 400: .*order_id/s);
  assert.equal((await hakuna.requests()).length, 1);
}));

test('the deployed shop is configured by its environment', judged(async (hakuna) => {
  const environment = { HAKUNA_URL: hakuna.eventsUrl, HAKUNA_API_KEY: hakuna.apiKey };
  await ShopEvents.fromEnvironment(environment).placed(order);
  assert.equal((await hakuna.events('order_placed')).length, 1);
}));
