import test from 'ava'
import { editDistance } from '../../src/config/known-settings.ts'
import { checkSources } from '../../src/config/parse.ts'
import { clientSchema, serverSchema } from '../../src/config/schema.ts'
import { plainSource } from '../../src/config/source.ts'
import fc from '../helpers/property.ts'

const surroundings = { folder: '.', env: {} }
const client = { client_id: 'shop', token_endpoint_auth_method: 'none', redirect_uris: ['https://shop.example.com/'] }

const sections = {
  '': serverSchema.shape,
  server: serverSchema.shape.server.unwrap().shape,
  passkeys: serverSchema.shape.passkeys.unwrap().shape,
  mail: serverSchema.shape.mail.unwrap().shape,
}
const names = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'issuer_FILE', 'client_secret_FILE'))

/** As YAML makes it: `__proto__` is a name like any other. */
const settings = (name: string, value: unknown) => Object.fromEntries([[name, value]])

function problemsOf(server: unknown, clients: unknown[] = []): string[] {
  const outcome = checkSources(plainSource('server', server), clients.map((value) => plainSource('client', value)), surroundings)
  return 'problems' in outcome ? outcome.problems.map(({ file, message }) => `${file} ${message}`) : []
}

test('any unknown setting is refused, in every section', (t) => {
  fc.assert(fc.property(fc.constantFrom(...Object.keys(sections) as (keyof typeof sections)[]), names, (section, name) => {
    fc.pre(!Object.hasOwn(sections[section], name))
    const inner = settings(name, 'value')
    const found = problemsOf(section === '' ? inner : settings(section, inner))
    t.true(found.some((problem) => problem.startsWith('server is not a known setting')), `${section}.${name}: ${found.join()}`)
  }))
})

test('any unknown metadata of a client is refused', (t) => {
  fc.assert(fc.property(names, (name) => {
    fc.pre(!Object.hasOwn(clientSchema.shape, name))
    const found = problemsOf({}, [Object.fromEntries([...Object.entries(client), [name, 'value']])])
    t.true(found.some((problem) => problem.startsWith('client is not a known setting')), `${name}: ${found.join()}`)
  }))
})

test('any single slip in a name is answered with the right one', (t) => {
  const known = Object.keys(clientSchema.shape)
  fc.assert(fc.property(fc.constantFrom(...known), fc.nat(), fc.constantFrom('drop', 'swap', 'double'), (name, seed, slip) => {
    const at = seed % (name.length - 1)
    const [head, a, b, tail] = [name.slice(0, at), name.charAt(at), name.charAt(at + 1), name.slice(at + 2)]
    const written = { drop: head + b + tail, swap: head + b + a + tail, double: head + a + a + b + tail }[slip] ?? ''
    fc.pre(!known.includes(written))
    t.true(problemsOf({}, [{ ...client, [written]: 'x' }]).some((problem) => problem.endsWith(`did you mean ${name}?`)), written)
  }))
})

test('the distance of two names is symmetric, and counts a swap once', (t) => {
  t.is(editDistance('issuer', 'isuser'), 1)
  t.is(editDistance('rpId', ''), 4)
  t.is(editDistance('cooldown', 'cool'), 4)
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => editDistance(a, b) === editDistance(b, a) && (a === b) === (editDistance(a, b) === 0)))
})
