// A program written with simple-oauth2, which half of the old examples use.
import { AuthorizationCode, ClientCredentials } from 'simple-oauth2';
import assert from 'node:assert/strict';
import { story, open, done } from './story.js';

const endpoints = { tokenHost: story.server, tokenPath: '/oauth/token', revokePath: '/oauth/revoke' };

function config(options, secret = story.client_secret) {
  return { client: { id: story.client_id, secret }, auth: endpoints, options };
}

async function whoami(token) {
  const response = await fetch(new URL('/api/v1/users/me', story.server), { headers: { Authorization: `Bearer ${token}` } });
  return response.status === 200 ? (await response.json()).name : response.status;
}

const seen = [];
let name;
for (const options of [
  { authorizationMethod: 'header', bodyFormat: 'form' },
  { authorizationMethod: 'body', bodyFormat: 'form' },
  { authorizationMethod: 'header', credentialsEncodingMode: 'loose', bodyFormat: 'form' },
]) {
  const client = new AuthorizationCode({ ...config(options), auth: { ...endpoints, authorizePath: '/oauth/authorize' } });
  const back = await open(client.authorizeURL({ redirect_uri: story.redirect_uri, scope: story.scope, state: 'a state' }));
  assert.equal(back.searchParams.get('state'), 'a state');
  let access = await client.getToken({ code: back.searchParams.get('code'), redirect_uri: story.redirect_uri });
  assert.equal(access.expired(), false);
  name = await whoami(access.token.access_token);
  seen.push(access.token);

  access = await access.refresh();
  assert.equal(await whoami(access.token.access_token), name);
  seen.push(access.token);

  await access.revoke('access_token');
  assert.equal(await whoami(access.token.access_token), 401);
  await access.revoke('refresh_token');
  await assert.rejects(access.refresh(), (fault) => fault.data.payload.error === 'invalid_grant');

  const own = await new ClientCredentials(config(options)).getToken({ scope: 'sensors.read' });
  assert.equal(own.token.scope, 'sensors.read');
  await assert.rejects(new ClientCredentials(config(options, 'wrong')).getToken({}), (fault) => fault.output.statusCode === 401);
  seen.push(own.token);
}

done({ name, tokens: seen });
