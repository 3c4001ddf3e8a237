import type { ArtifactIndex, Json, Storage } from '../../../src/storage/types.ts'
import fc from '../../helpers/property.ts'
import { type Backend, checks } from './store.ts'

type Payload = Record<string, Json>
type Expiring<T> = T & { expiresAt: number }
interface Artifact {
  payload: Payload
  index: ArtifactIndex
}

/** The two stores of expiring things as plain maps: what a backend must be indistinguishable from. */
function createModel() {
  let now = 0
  const values = new Map<string, Expiring<{ value: Json }>>()
  const artifacts = new Map<string, Expiring<Artifact>>()

  function alive<T>(map: Map<string, Expiring<T>>, key: string): Expiring<T> | undefined {
    const entry = map.get(key)
    return entry && entry.expiresAt > now ? entry : undefined
  }
  function unconsumed(key: string): Artifact | undefined {
    const artifact = alive(artifacts, key)
    return artifact && !('consumed' in artifact.payload) ? artifact : undefined
  }
  return {
    setTime: (time: number) => void (now = time),
    get: (key: string) => alive(values, key)?.value,
    set: (key: string, value: Json, expiresAt: number) => void values.set(key, { value, expiresAt }),
    claim(key: string, expiresAt: number) {
      if (alive(values, key)) return false
      values.set(key, { value: true, expiresAt })
      return true
    },
    take(key: string) {
      const value = alive(values, key)?.value
      values.delete(key)
      return value
    },
    delete: (key: string) => void values.delete(key),
    upsert(key: string, payload: Payload, index: ArtifactIndex, expiresAt = Infinity) {
      if (alive(artifacts, key) === unconsumed(key)) artifacts.set(key, { payload, index, expiresAt })
    },
    find: (key: string) => alive(artifacts, key)?.payload,
    consume(key: string, patch: Payload) {
      const artifact = unconsumed(key)
      if (artifact) artifact.payload = { ...artifact.payload, ...patch, consumed: now }
      return artifact !== undefined
    },
    patch(key: string, patch: Payload) {
      const artifact = alive(artifacts, key)
      if (artifact) artifact.payload = { ...artifact.payload, ...patch }
    },
    destroyUnconsumed: (key: string) => unconsumed(key) !== undefined && artifacts.delete(key),
    destroy: (key: string) => void artifacts.delete(key),
    revokeByGrantId(grantId: string) {
      for (const [key, { index }] of artifacts) if (index.grantId === grantId) artifacts.delete(key)
    },
  }
}
type Model = ReturnType<typeof createModel>

/** One operation, done to both; the two results must be equal. */
interface Operation {
  text: string
  onStore(storage: Storage, prefix: string): Promise<unknown>
  onModel(model: Model, now: number): unknown
  wait?: number
}

const key = fc.constantFrom('a', 'b', 'c')
const life = fc.constantFrom(-1, 0, 1, 50, 1000)
const value = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.parse(JSON.stringify(json)) as Json)
const payload = fc.dictionary(fc.constantFrom('x', 'y', 'ünï "q"', '$.z'), value, { noNullPrototype: true })
const grant = fc.option(fc.constantFrom('g', 'h'), { nil: undefined })

function operation<Values extends [unknown, ...unknown[]]>(
  name: string,
  values: { [K in keyof Values]: fc.Arbitrary<Values[K]> },
  onStore: (storage: Storage, prefix: string, ...values: Values) => Promise<unknown>,
  onModel: (model: Model, now: number, ...values: Values) => unknown,
): fc.Arbitrary<Operation> {
  return fc.tuple<Values>(...values).map((drawn) => ({
    text: `${name}(${drawn.map((one) => JSON.stringify(one)).join(', ')})`,
    onStore: (storage, prefix) => onStore(storage, prefix, ...drawn),
    onModel: (model, now) => onModel(model, now, ...drawn),
  }))
}

const M = 'Model'
const operations: fc.Arbitrary<Operation>[] = [
  fc.constantFrom(1, 49, 1000).map((wait) => ({
    text: `wait(${wait})`,
    onStore: async () => undefined,
    onModel: () => undefined,
    wait,
  })),
  operation('get', [key], (s, p, k) => s.ephemeral.get(p + k), (m, _, k) => m.get(k)),
  operation('set', [key, value, life],
    (s, p, k, v, l) => s.ephemeral.set(p + k, v, s.clock.now() + l),
    (m, now, k, v, l) => m.set(k, v, now + l)),
  operation('claim', [key, life],
    (s, p, k, l) => s.ephemeral.claim(p + k, s.clock.now() + l),
    (m, now, k, l) => m.claim(k, now + l)),
  operation('take', [key], (s, p, k) => s.ephemeral.take(p + k), (m, _, k) => m.take(k)),
  operation('delete', [key], (s, p, k) => s.ephemeral.delete(p + k), (m, _, k) => m.delete(k)),
  operation('update.keep', [key],
    (s, p, k) => s.ephemeral.update<Json, Json>(p + k, (current = 'none') => ({ next: 'keep', result: current })),
    (m, _, k) => {
      const current = m.get(k)
      return current === undefined ? 'none' : current
    }),
  operation('update.put', [key, value, life],
    (s, p, k, v, l) => {
      const expiresAt = s.clock.now() + l
      return s.ephemeral.update<Json, boolean>(p + k, (current) => ({
        next: { value: [v, current ?? null], expiresAt },
        result: current === undefined,
      }))
    },
    (m, now, k, v, l) => {
      const current = m.get(k)
      m.set(k, [v, current ?? null], now + l)
      return current === undefined
    }),
  operation('update.delete', [key],
    (s, p, k) => s.ephemeral.update<Json, Json | undefined>(p + k, (current) => ({ next: undefined, result: current })),
    (m, _, k) => m.take(k)),
  operation('upsert', [key, payload, grant, fc.boolean(), life],
    (s, p, k, v, g, u, l) =>
      s.artifacts.upsert(M, p + k, v, { ...(g && { grantId: p + g }), ...(u && { uid: `uid:${p}${k}`, userCode: `code:${p}${k}` }) }, s.clock.now() + l),
    (m, now, k, v, g, u, l) => m.upsert(k, v, { ...(g && { grantId: g }), ...(u && { uid: k, userCode: k }) }, now + l)),
  operation('upsert for ever', [key, payload, grant],
    (s, p, k, v, g) => s.artifacts.upsert(M, p + k, v, g ? { grantId: p + g } : {}, undefined),
    (m, _, k, v, g) => m.upsert(k, v, g ? { grantId: g } : {})),
  operation('find', [key], (s, p, k) => s.artifacts.find(M, p + k), (m, _, k) => m.find(k)),
  operation('consume', [key, payload], (s, p, k, v) => s.artifacts.consume(M, p + k, { patch: v }), (m, _, k, v) => m.consume(k, v)),
  operation('patch', [key, payload], (s, p, k, v) => s.artifacts.patch(M, p + k, v), (m, _, k, v) => m.patch(k, v)),
  operation('destroyUnconsumed', [key], (s, p, k) => s.artifacts.destroyUnconsumed(M, p + k), (m, _, k) => m.destroyUnconsumed(k)),
  operation('destroy', [key], (s, p, k) => s.artifacts.destroy(M, p + k), (m, _, k) => m.destroy(k)),
  operation('revokeByGrantId', [fc.constantFrom('g', 'h')], (s, p, g) => s.artifacts.revokeByGrantId(p + g), (m, _, g) => m.revokeByGrantId(g)),
]

export function model(backend: Backend): void {
  checks(backend, 'model')('any sequence of operations gives what plain maps give', async (t, { storage, advance }) => {
    let run = 0
    const sequences = fc.array(fc.oneof(...operations), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const prefix = `${run++}:`
        const model = createModel()
        const history: string[] = []
        for (const { text, onStore, onModel, wait } of sequence) {
          history.push(text)
          if (wait) advance(wait)
          const now = storage.clock.now()
          model.setTime(now)
          const [actual, expected] = [await onStore(storage, prefix), onModel(model, now)]
          if (!t.deepEqual(actual, expected, history.join('\n'))) return false
        }
        return true
      }),
      { numRuns: 150 },
    )
  })
}
