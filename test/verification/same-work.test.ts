/** A wrong guess costs the same, and is answered the same, whoever it is about. */
import test from 'ava'
import { createFactorRig } from './factor-rig.ts'

test('unknown, without the factor, with it, and passkeys only: the same answers for the same store calls', async (t) => {
  const rig = await createFactorRig(t, ['bare', 'equipped', 'strict'])
  const { storage, account, totp, recoveryCodes, input } = rig
  for (const id of ['equipped', 'strict']) {
    await totp.begin(await account(id), 'set-up')
    await recoveryCodes.make(await account(id))
    await storage.accounts.update(id, (current) => ({ ...current, factors: { ...current.factors, totp: { since: 1 } } }))
  }
  await storage.accounts.update('strict', (current) => ({ ...current, passkeysOnlySince: 1 }))

  const calls: string[] = []
  for (const part of ['accounts', 'factors', 'ephemeral'] as const) {
    const methods = storage[part] as unknown as Record<string, (...args: unknown[]) => unknown>
    for (const [name, method] of Object.entries(methods)) methods[name] = (...args) => (calls.push(`${part}.${name}`), method(...args))
  }
  for (const method of [totp, recoveryCodes]) {
    const observe = async (id: string) => {
      calls.length = 0
      const answers = []
      for (let guess = 0; guess < 11; guess++) answers.push(await method.check(input('AAAA-AAAA', { id: `${id}`, recognisedDevice: `${method.name} ${id}` })))
      return { answers, calls: [...calls] }
    }
    const unknown = await observe('unknown')
    t.is(unknown.answers.at(-1)?.ok === false && 'retryAfter' in unknown.answers.at(-1)!, true)
    for (const id of ['bare', 'equipped', 'strict']) t.deepEqual(await observe(id), unknown, `${method.name} ${id}`)
  }
})
