// A walk with openapi-fetch and the types that openapi-typescript generated.
import createClient from 'openapi-fetch'
import type { components, paths } from './emk.js'

declare const process: { argv: string[] }
type Clinic = components['schemas']['Clinic']

const url = process.argv[2]!
const nobody = createClient<paths>({ baseUrl: url })

function wanted<Value>(answer: { data?: Value; error?: unknown }): Value {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error))
  return answer.data
}

const person = wanted(await nobody.POST('/mock/seed', { body: { state: 'activated' } }))
const sent = wanted(await nobody.POST('/oauth2/challenges', { body: { method: 'sms', login: person.phone } }))
const { items } = wanted(await nobody.GET('/mock/inbox'))
const code = items.find((message) => message.code)?.code ?? ''
const tokens = wanted(
  await nobody.POST('/oauth2/token', {
    body: { grant_type: 'urn:emk:grant-type:sms-code', challenge_id: sent.id, code },
    bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
  }),
)

const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${tokens.access_token}` } })
const nearby = wanted(await client.GET('/api/v1/clinics', { params: { query: { page_size: 2 } } }))
const names = nearby.items.map((clinic: Clinic): string => clinic.short_name)
const mine = wanted(await client.GET('/api/v1/applications'))
const told = wanted(await client.GET('/api/v1/notifications'))
const refused = await nobody.GET('/api/v1/clinics')

console.log(
  JSON.stringify({
    person: person.person_id,
    clinics: names,
    total: nearby.total,
    applications: mine.items.map((application) => application.status),
    notifications: told.items.map((notification) => notification.at),
    refused: refused.error?.code,
  }),
)
