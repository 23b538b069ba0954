// Logs in with fhirclient (SMART on FHIR for JavaScript): prints the address for a person, reads where they came back to.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline/promises'

const smart = createRequire(import.meta.url)('fhirclient')
const [base, clientId, scope, ...searches] = process.argv.slice(2)
const redirectUri = 'http://127.0.0.1:9/callback'
const kept = new Map()
const storage = {
  get: async (key) => kept.get(key),
  set: async (key, value) => kept.set(key, value) && value,
  unset: async (key) => kept.delete(key)
}
const request = (url) => ({ url, headers: { host: '127.0.0.1:9' }, socket: {} })
const response = { writeHead: (_status, { location }) => console.log(location), end: () => {} }

await smart(request('/launch'), response, storage).authorize({ iss: base, clientId, scope, redirectUri, pkceMode: 'required' })
const lines = createInterface({ input: process.stdin })
const back = new URL(await new Promise((resolve) => lines.once('line', resolve)))
lines.close()
const client = await smart(request(back.pathname + back.search), response, storage).ready()

const counted = async (search) => {
  const entries = await client.patient.request({ url: `${search}${search.includes('?') ? '&' : '?'}_count=50` }, { pageLimit: 0, flat: true })
  return new Set(entries.map((one) => one.id)).size
}

const counts = {}
for (const search of searches) counts[search] = await counted(search)
const stale = client.getState('tokenResponse.access_token')
await client.refresh()
const renewed = client.getState('tokenResponse.access_token') !== stale
const user = client.user.fhirUser
console.log(JSON.stringify({ counts, renewed, again: await counted(searches[0]), user, patient: client.patient.id }))
