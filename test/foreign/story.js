// What the programs of this folder share: the story that the test tells them,
// and the way in which they ask it to be the person at the browser.
import { createInterface } from 'node:readline/promises';
import assert from 'node:assert/strict';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function readLine() {
  const { value, done } = await lines.next();
  assert.ok(!done, 'the test has hung up');
  return value;
}

// story is {server, client_id, client_secret, redirect_uri, scope}; the secret
// is missing for a public client.
export const story = JSON.parse(await readLine());

// open sends the person to an address, and returns the one to which the
// browser came back.
export async function open(address) {
  console.log(`open ${address}`);
  return new URL(await readLine());
}

// done says what came of it, and ends the program.
export function done(result) {
  console.log(`done ${JSON.stringify(result)}`);
  process.exit(0);
}
