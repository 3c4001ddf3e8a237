import { AppError } from '../../../src/errors.ts'
import type { AccountDocuments, Documents, Storage } from '../../../src/storage/types.ts'
import { account, change, device, factor, identifier, passkey } from './samples.ts'
import { type Backend, checks, together } from './store.ts'

interface Anything {
  id: string
  accountId: string
  note?: number
}

/** Each kind of document; its samples stand for any document, since a store looks at ids and accounts only. */
const kinds = { accounts: account, identifiers: identifier, passkeys: passkey, factors: factor, devices: device, changes: change }

export function documents(backend: Backend): void {
  for (const [kind, sample] of Object.entries(kinds)) {
    const check = checks(backend, kind)
    const of = (storage: Storage) => storage[kind as keyof typeof kinds] as unknown as Documents<Anything>
    const make = sample as (name: string) => Anything

    check('a document is inserted, read, updated and deleted under its id', async (t, { storage }) => {
      const documents = of(storage)
      const document = make('one')
      t.is(await documents.get(document.id), undefined)
      await documents.insert(document)
      t.deepEqual(await documents.get(document.id), document)

      t.deepEqual(await documents.update(document.id, (current) => ({ ...current, note: 1 })), { ...document, note: 1 })
      t.deepEqual(await documents.get(document.id), { ...document, note: 1 })

      await documents.delete(document.id)
      await documents.delete(document.id)
      t.is(await documents.get(document.id), undefined)
      await documents.insert(document)
      t.deepEqual(await documents.get(document.id), document)
    })

    check('a taken id is already_exists, without the id in the error, and changes nothing', async (t, { storage }) => {
      const documents = of(storage)
      const document = make('secret-name')
      await documents.insert(document)
      const error = await t.throwsAsync(documents.insert({ ...document, note: 2 }), { instanceOf: AppError, code: 'already_exists' })
      t.notRegex(`${error?.message} ${error?.cause ?? ''} ${error?.stack}`, /secret-name/)
      t.deepEqual(await documents.get(document.id), document)
    })

    check('of 20 parallel inserts one wins', async (t, { storage }) => {
      const documents = of(storage)
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, note) => documents.insert({ ...make('one'), note })),
      )
      t.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
      t.is((await documents.get(make('one').id))?.note, outcomes.findIndex(({ status }) => status === 'fulfilled'))
    })

    check('50 parallel updates all count', async (t, { storage }) => {
      const documents = of(storage)
      const document = make('one')
      await documents.insert({ ...document, note: 0 })
      await together(50, () => documents.update(document.id, (current) => ({ ...current, note: (current.note ?? 0) + 1 })))
      t.is((await documents.get(document.id))?.note, 50)
    })

    check('an update may leave the document, misses an absent one, and fails alone', async (t, { storage }) => {
      const documents = of(storage)
      const document = make('one')
      await documents.insert(document)
      const left = await documents.update(document.id, (current) => {
        current.note = 7
        return undefined
      })
      t.deepEqual(left, document)
      t.deepEqual(await documents.get(document.id), document)
      t.is(await documents.update('absent', () => t.fail() as never), undefined)
      await t.throwsAsync(documents.update(document.id, () => { throw new RangeError('no') }), { instanceOf: RangeError })
      t.deepEqual(await documents.get(document.id), document)
    })
  }

  for (const kind of ['passkeys', 'factors', 'devices', 'changes'] as const) {
    checks(backend, kind)('an account lists its own', async (t, { storage }) => {
      const documents = storage[kind] as unknown as AccountDocuments<Anything>
      const make = kinds[kind] as unknown as (name: string, accountId: string) => Anything
      const mine = [make('one', 'a'), make('two', 'a')]
      for (const document of [...mine, make('three', 'b')]) await documents.insert(document)
      const listed = await documents.listByAccount('a')
      t.deepEqual(listed.toSorted((a, b) => (a.id < b.id ? -1 : 1)), mine)
      t.deepEqual(await documents.listByAccount('nobody'), [])

      await documents.update(mine[0]!.id, (current) => ({ ...current, accountId: 'b' }))
      await documents.delete(mine[1]!.id)
      t.deepEqual(await documents.listByAccount('a'), [])
      t.is((await documents.listByAccount('b')).length, 2)
    })
  }

  checks(backend, 'devices')('a browser lists its accounts', async (t, { storage: { devices } }) => {
    await together(3, (index) => devices.insert(device('hash', `account${index}`)))
    await devices.insert(device('other', 'account0'))
    const accounts = (await devices.listByDevice('hash')).map(({ accountId }) => accountId)
    t.deepEqual(accounts.toSorted(), ['account0', 'account1', 'account2'])
    t.deepEqual(await devices.listByDevice('unknown'), [])
  })
}
