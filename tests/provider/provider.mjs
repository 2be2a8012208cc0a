// A certified OpenID provider on this machine, for tests: node provider.mjs MODULES PORT
//
// It says where it listens, and gives tokens to the clients `analysts` and `nobody` by client credentials; their groups
// stand in the claim `groups`. A line `rotate` on standard input gives it another key. It ends with its input.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [modules, port] = process.argv.slice(2);
const entry = pathToFileURL(`${modules}/node_modules/oidc-provider/lib/index.js`);
const { default: Provider } = await import(entry);

const groups = { analysts: ['staff', 'cem-analysts'], nobody: ['staff'] };

const client = (name) => ({
  client_id: name,
  client_secret: 'only-for-tests',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});

function provider(issuer) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'ES256', use: 'sig' };
  return new Provider(issuer, {
    clients: Object.keys(groups).map(client),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    extraTokenClaims: (_, token) => ({ groups: groups[token.clientId] }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:keepworth',
        getResourceServerInfo: () => ({
          scope: '',
          audience: 'keepworth',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }).callback();
}

let answer;
const server = createServer((request, response) => answer(request, response));
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  answer = provider(issuer);
  console.log(`listening ${issuer}`);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line === 'rotate') {
      answer = provider(issuer);
      console.log('rotated');
    }
  });
  lines.on('close', () => process.exit());
});
