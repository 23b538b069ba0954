// Counts with fhir-kit-client: page after page, by POST, and by the operations.
import { Client } from 'fhir-kit-client'

const [base, patient, ...searches] = process.argv.slice(2)
const headers = { Authorization: `Bearer ${process.env.FHIR_TOKEN}` }
const client = new Client({ baseUrl: base, customHeaders: headers })

const counted = async (search, options = {}) => {
  const [resourceType, category] = search.split('?category=')
  const searchParams = { patient, _count: '50', _sort: '-_lastUpdated,_id', ...(category && { category }) }
  const ids = new Set()
  let page = await client.search({ resourceType, searchParams, options })
  while (page) {
    for (const entry of page.entry ?? []) ids.add(entry.resource.id)
    page = await client.nextPage({ bundle: page })
  }
  return ids.size
}

const counts = {}
const posted = {}
for (const search of searches) {
  counts[search] = await counted(search)
  posted[search] = await counted(search, { postSearch: true })
}
const of = (name, more) => client.operation({ name, resourceType: 'Patient', id: patient, ...more })
const input = { resourceType: 'Parameters', parameter: [{ name: '_type', valueCode: 'Condition' }] }
const everything = (await of('$everything', { method: 'POST', input })).total
const summary = (await of('$summary', { method: 'GET' })).entry[0].resource.resourceType
const { authorizeUrl, tokenUrl } = await client.smartAuthMetadata()
const places = [authorizeUrl, tokenUrl].map(String)
console.log(JSON.stringify({ counts, posted, everything, summary, places }))
