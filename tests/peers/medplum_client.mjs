// Medplum's CDS Hooks client as a filter: one job a line on stdin, one answer a line on stdout.
//
//   node --experimental-websocket medplum_client.mjs FHIR_ROOT CDS_ROOT
//
// FHIR_ROOT is where /fhir stands, CDS_ROOT where /cds-services stands. A job is
// {"service": id, "patientId": id, "members": {...}}: the client discovers the services, fills the
// prefetch of this one from the FHIR server, adds `members` to the request (it sends no fhirServer of
// its own) and posts it. The answer is {"services", "request", "response"} or {"error"}.
import { createInterface } from 'node:readline';

const installed = new URL('../../.peers/node_modules/@medplum/core/dist/esm/index.mjs', import.meta.url);
const { MedplumClient, buildCdsRequest } = await import(installed);

const [fhirRoot, cdsRoot] = process.argv.slice(2);
const client = new MedplumClient({
  baseUrl: fhirRoot,
  fhirUrlPath: 'fhir',
  cdsServicesUrl: `${cdsRoot}/cds-services`,
  cacheTime: 0, // each chart is read anew
});
const user = { resourceType: 'Practitioner', id: 'oncologist' };

async function answer({ service: id, patientId, members }) {
  const { services } = await client.getCdsServices();
  const service = services.find((one) => one.id === id);
  const context = { userId: `Practitioner/${user.id}`, patientId };
  const request = { ...(await buildCdsRequest(client, user, service, context)), ...members };
  return { services, request, response: await client.callCdsService(id, request) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = await answer(JSON.parse(line)).catch((error) => ({ error: String(error.stack ?? error) }));
  console.log(JSON.stringify(told));
}
