// A program written with oauth4webapi, which trusts nothing that a
// specification does not say.
import * as oauth from 'oauth4webapi';
import assert from 'node:assert/strict';
import { story, open, done } from './story.js';

const plain = { [oauth.allowInsecureRequests]: true }; // the test server is on the loopback
const issuer = new URL(story.server);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain }));
const client = { client_id: story.client_id };

// How the client proves itself: in the header, in the body, or by PKCE alone.
function auth(way) {
  if (!story.client_secret) return oauth.None();
  return way === 'body' ? oauth.ClientSecretPost(story.client_secret) : oauth.ClientSecretBasic(story.client_secret);
}

async function authorize(way) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const address = new URL(as.authorization_endpoint);
  address.search = new URLSearchParams({
    client_id: story.client_id, redirect_uri: story.redirect_uri, response_type: 'code', scope: story.scope, state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  const params = oauth.validateAuthResponse(as, client, await open(address), state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth(way), params, story.redirect_uri, verifier, plain);
  return oauth.processAuthorizationCodeResponse(as, client, response);
}

async function whoami(token) {
  const response = await oauth.protectedResourceRequest(token, 'GET', new URL('/api/v1/users/me', issuer), undefined, undefined, plain);
  assert.equal(response.status, 200);
  return (await response.json()).name;
}

const tokens = await authorize('header');
assert.equal(tokens.token_type, 'bearer');
assert.equal(tokens.scope, story.scope);
const name = await whoami(tokens.access_token);

const refreshed = await oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth('body'), tokens.refresh_token, plain));
assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
assert.equal(await whoami(refreshed.access_token), name);

if (story.client_secret) {
  const inspect = async (token) =>
    oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, auth('header'), token, plain));
  assert.equal((await inspect(refreshed.access_token)).active, true);
  const own = await oauth.processClientCredentialsResponse(as, client, await oauth.clientCredentialsGrantRequest(as, client, auth('body'), {}, plain));
  assert.equal((await inspect(own.access_token)).client_id, story.client_id);
}

await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth('header'), refreshed.refresh_token, plain));
await assert.rejects(whoami(refreshed.access_token), (fault) => fault instanceof oauth.WWWAuthenticateChallengeError && fault.status === 401 &&
  fault.cause.some(({ scheme, parameters }) => scheme === 'bearer' && parameters.error === 'invalid_token'));

const again = await oauth.refreshTokenGrantRequest(as, client, auth('header'), refreshed.refresh_token, plain);
await assert.rejects(oauth.processRefreshTokenResponse(as, client, again), (fault) => fault instanceof oauth.ResponseBodyError && fault.error === 'invalid_grant');

// An answer that names another server is none (RFC 9207).
const mixedUp = new URL(story.redirect_uri);
mixedUp.search = new URLSearchParams({ code: 'x', state: 's', iss: 'https://evil.example' });
assert.throws(() => oauth.validateAuthResponse(as, client, mixedUp, 's'));

done({ name, tokens: [tokens, refreshed] });
