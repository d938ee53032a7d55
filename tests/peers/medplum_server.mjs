// Medplum's FHIR router over its memory, as a server on loopback: the second FHIR server beside SEKMET.
//
//   node --experimental-websocket medplum_server.mjs PORT
//
// Everything between the body of a request and the body of its answer is Medplum's. It has no pages:
// a search is answered whole.
import { createServer } from 'node:http';

const modules = new URL('../../.peers/node_modules/', import.meta.url);
const medplum = (name) => import(new URL(`@medplum/${name}/dist/esm/index.mjs`, modules));
const [core, definitions, { FhirRouter, MemoryRepository }] = await Promise.all(
  ['core', 'definitions', 'fhir-router'].map(medplum)
);
const r4 = (name) => definitions.readJson(`fhir/r4/${name}.json`);
['profiles-types', 'profiles-resources'].map(r4).forEach(core.indexStructureDefinitionBundle);
core.indexSearchParameterBundle(r4('search-parameters'));

const router = new FhirRouter();
const repository = new MemoryRepository();

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

createServer(async (request, response) => {
  const { method, headers } = request;
  const url = request.url.replace(/^\/fhir\/?/, '/');
  const said = await read(request);
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const body = form ? Object.fromEntries(new URLSearchParams(said)) : said && JSON.parse(said);
  const [outcome, resource] = await router.handleRequest({ method, url, params: {}, query: {}, headers, body }, repository);
  response.writeHead(core.getStatus(outcome), { 'content-type': 'application/fhir+json' });
  response.end(JSON.stringify(resource ?? outcome));
}).listen(Number(process.argv[2]), '127.0.0.1');
