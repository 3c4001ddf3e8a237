import { account } from './samples.ts'
import { type Backend, checks, together } from './store.ts'

export function tallies(backend: Backend): void {
  const check = checks(backend, 'tallies')

  check('accounts are counted with each write, by whether they have a passkey', async (t, { storage }) => {
    const { accounts, tallies } = storage
    const set = (id: string, credentialIds: string[]) => accounts.update(id, (current) => ({ ...current, credentialIds }))
    t.deepEqual(await tallies.accounts(), { withPasskey: 0, without: 0 })
    await accounts.insert(account('a'))
    await accounts.insert({ ...account('b'), credentialIds: ['p'] })
    t.deepEqual(await tallies.accounts(), { withPasskey: 1, without: 1 })
    await t.throwsAsync(accounts.insert({ ...account('a'), credentialIds: ['q'] }))
    t.deepEqual(await tallies.accounts(), { withPasskey: 1, without: 1 })

    await set('a', ['q'])
    t.deepEqual(await tallies.accounts(), { withPasskey: 2, without: 0 })
    await set('a', ['q', 'r'])
    await accounts.update('a', (current) => ({ ...current, name: 'Ann' }))
    await accounts.update('a', () => undefined)
    t.deepEqual(await tallies.accounts(), { withPasskey: 2, without: 0 })
    await set('a', [])
    t.deepEqual(await tallies.accounts(), { withPasskey: 1, without: 1 })

    await accounts.delete('b')
    await accounts.delete('b')
    t.deepEqual(await tallies.accounts(), { withPasskey: 0, without: 1 })
    await accounts.delete('a')
    t.deepEqual(await tallies.accounts(), { withPasskey: 0, without: 0 })
  })

  check('writes at once all count', async (t, { storage }) => {
    const { accounts, tallies } = storage
    await together(60, (index) => accounts.insert({ ...account(`${index}`), credentialIds: index % 3 === 0 ? ['p'] : [] }))
    await together<unknown>(60, (index) => (index % 2 === 0 ? accounts.update(`${index}`, (current) => ({ ...current, credentialIds: ['q'] })) : accounts.delete(`${index}`)))
    t.deepEqual(await tallies.accounts(), { withPasskey: 30, without: 0 })
  })
}
