// A foreign OpenID provider (oidc-provider from npm) and, beside it, a FHIR server that asks for its tokens.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const url = `http://127.0.0.1:${server.address().port}`;
const scopes = ['openid', 'offline_access', 'fhirUser', 'launch/patient', 'patient/*.rs'];

const provider = new Provider(url, {
  clients: [{
    client_id: 'emk',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: ['http://127.0.0.1/callback'],
  }],
  scopes,
  claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
  conformIdTokenClaims: false,
  features: { deviceFlow: { enabled: true }, revocation: { enabled: true } },
  cookies: { keys: ['of-a-test'] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, fhirUser: `${url}/fhir/Patient/p-1` }) }),
});

const patient = { resourceType: 'Patient', id: 'p-1', name: [{ family: 'Образцова', given: ['Анна'] }] };
const result = {
  resourceType: 'Observation', id: 'o-1', status: 'final', subject: { reference: 'Patient/p-1' },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }],
  code: { text: 'Глюкоза' }, effectiveDateTime: '2026-01-02', valueQuantity: { value: 5.4, unit: 'ммоль/л' },
};
const configuration = {
  issuer: url, authorization_endpoint: `${url}/auth`, token_endpoint: `${url}/token`, jwks_uri: `${url}/jwks`,
  code_challenge_methods_supported: ['S256'], capabilities: ['launch-standalone', 'client-public', 'sso-openid-connect'],
};

function found(path) {
  if (path === '/fhir/Patient/p-1') return patient;
  const entry = path === '/fhir/Observation' ? [{ resource: result }] : [];
  return { resourceType: 'Bundle', type: 'searchset', total: entry.length, entry };
}

async function fhir(request, path) {
  if (path === '/fhir/.well-known/smart-configuration') return [200, configuration];
  const bearer = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const token = bearer && await provider.AccessToken.find(bearer);
  if (!token?.isValid || !token.scopes.has('patient/*.rs')) return [401, { resourceType: 'OperationOutcome', issue: [] }];
  return [200, found(path)];
}

server.on('request', async (request, response) => {
  const path = new URL(request.url, url).pathname;
  if (!path.startsWith('/fhir/')) return provider.callback()(request, response);
  const [status, document] = await fhir(request, path);
  response.writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(document));
});
console.log(url);
