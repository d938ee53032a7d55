// oidc-provider as an issuer of signed tokens: node provider.mjs PACKAGE JWKS_FILE PORT
//
// It publishes the public half of the keys at /jwks. A client is named after what signs its access
// tokens, "ES384", and their type if it is not at+jwt: "ES384.JWT". Their audience is the `resource`
// that it asks for. The secret of each client is "secret".
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [home, jwksFile, port] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${home}/lib/index.js`));

const clients = ['ES384', 'ES384.JWT', 'RS384.JWT', 'ES256.JWT', 'RS256.JWT'].map((name) => ({
  client_id: name,
  client_secret: 'secret',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
}));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: JSON.parse(readFileSync(jwksFile, 'utf8')),
  scopes: ['cds'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, resource, client) => ({
        scope: 'cds',
        audience: resource,
        accessTokenTTL: 120,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: client.clientId.split('.')[0] } },
      }),
    },
  },
  formats: {
    customizers: {
      jwt: (_ctx, token, jwt) => {
        const typ = token.clientId.split('.')[1];
        if (typ) jwt.header = { ...jwt.header, typ };
      },
    },
  },
});

provider.listen(Number(port), '127.0.0.1');
