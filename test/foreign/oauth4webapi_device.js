// A device without a browser, written with oauth4webapi: it shows a code, and
// asks until a person has answered.
import * as oauth from 'oauth4webapi';
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { story, open, done } from './story.js';

const plain = { [oauth.allowInsecureRequests]: true }; // the test server is on the loopback
const issuer = new URL(story.server);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain }));
assert.ok(as.grant_types_supported.includes('urn:ietf:params:oauth:grant-type:device_code'));
const client = { client_id: story.client_id };
const auth = story.client_secret ? oauth.ClientSecretBasic(story.client_secret) : oauth.None();

const asked = await oauth.deviceAuthorizationRequest(as, client, auth, { scope: story.scope }, plain);
const waiting = await oauth.processDeviceAuthorizationResponse(as, client, asked);
assert.equal(waiting.interval, 5);
assert.ok(waiting.verification_uri_complete.startsWith(waiting.verification_uri));

async function poll() {
  const response = await oauth.deviceCodeGrantRequest(as, client, auth, waiting.device_code, plain);
  return oauth.processDeviceCodeResponse(as, client, response);
}

await assert.rejects(poll(), (fault) => fault instanceof oauth.ResponseBodyError && fault.error === 'authorization_pending');
await assert.rejects(poll(), (fault) => fault instanceof oauth.ResponseBodyError && fault.error === 'slow_down');
await open(waiting.verification_uri_complete);

let tokens;
while (!tokens) {
  await poll().then((granted) => { tokens = granted; }, async (fault) => {
    assert.ok(fault.error === 'authorization_pending' || fault.error === 'slow_down', fault);
    await setTimeout(waiting.interval * 1000);
  });
}
assert.equal(tokens.token_type, 'bearer');
assert.equal(tokens.scope, story.scope);
const me = await oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL('/api/v1/users/me', issuer), undefined, undefined, plain);
const { name } = await me.json();
const refreshed = await oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, plain));
await assert.rejects(poll(), (fault) => fault instanceof oauth.ResponseBodyError && fault.error === 'invalid_grant');

done({ name, tokens: [tokens, refreshed] });
