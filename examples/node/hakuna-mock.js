// hakuna-mock for node:test. A key is a world of its own, so tests may run at the same time.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

const MOCK = process.env.HAKUNA_MOCK_URL ?? 'http://127.0.0.1:4258';
const TOKEN = process.env.HAKUNA_MOCK_ADMIN_TOKEN;

export class World {
  apiKey = `sk_test_${randomUUID().replaceAll('-', '')}`;
  eventsUrl = `${MOCK}/sandbox/events`;

  /** Accepted events of a type, oldest first. */
  async events(type) {
    return (await this.#ask(`events?type=${type}&limit=1000`)).json();
  }

  /** Every request with its reply, retries and refused ones, too. */
  async requests() {
    return (await this.#ask('requests?limit=1000')).json();
  }

  /** Findings of a rule, open and resolved. */
  async findings(rule) {
    return (await this.#ask(`findings?rule=${rule}`)).json();
  }

  /** A rule that this test breaks on purpose. */
  async allow(rule) {
    const settings = JSON.stringify({ rules: { [rule]: 'advice' } });
    assert.equal((await this.#ask('settings', { method: 'PUT', body: settings })).status, 200);
  }

  /** Let the mock misbehave for the next events of this world: 'commit_drop', 'unavailable' … */
  async fault(effect, times = 1) {
    const fault = JSON.stringify({ effect, times });
    const reply = await this.#ask('faults', { method: 'POST', body: fault });
    assert.ok(reply.ok, await reply.text());
  }

  /** What the mock says of all that was sent: { passed, counts, text }. */
  async verdict() {
    return (await this.#ask('verdict')).json();
  }

  #ask(path, how = {}) {
    const headers = { Authorization: `Bearer ${this.apiKey}` };
    if (TOKEN) headers['Hakuna-Mock-Admin'] = TOKEN;
    return fetch(`${MOCK}/_mock/v1/${path}`, { headers, ...how });
  }
}

/** A test in a world of its own, which fails with the mock's explanation if it sent a wrong event. */
export function judged(body) {
  return async () => {
    const world = new World();
    await body(world);
    const { passed, text } = await world.verdict();
    assert.ok(passed, text);
  };
}
