// The same shop with a bug, to see it explained: node --test planted-bug.js

import { test } from 'node:test';

import { judged } from './hakuna-mock.js';
import { order } from './order.js';
import { ShopEvents } from './shop-events.js';

class ForgetfulShop extends ShopEvents {
  withProtections(_order, quantities) {
    return quantities;
  }
}

test('refund', judged(async (hakuna) => {
  const shop = new ForgetfulShop(hakuna.eventsUrl, hakuna.apiKey);
  await shop.placed(order);
  await shop.shipped(order, { 1: 2 });
  await shop.refunded(order, { 1: 1 });
}));
