/** The other process of a race for identifiers: opens the store that it is told, and makes the accounts, five at a time. */
import { createAccounts, type Creation, type NewAccount } from '../../src/accounts/accounts.ts'
import { openStorage, type StorageConfig } from '../../src/storage/index.ts'
import type { Storage } from '../../src/storage/types.ts'

export type Answer = { outcomes: Creation[] } | { error: string }

let storage: Promise<Storage> | undefined
process.on('disconnect', () => process.exit())
process.on('message', async ({ config, wishes }: { config: StorageConfig; wishes: NewAccount[] }) => {
  try {
    const accounts = createAccounts(await (storage ??= openStorage(config)))
    const outcomes: Creation[] = []
    while (outcomes.length < wishes.length) outcomes.push(...(await Promise.all(wishes.slice(outcomes.length, outcomes.length + 5).map((wish) => accounts.create(wish)))))
    process.send?.({ outcomes } satisfies Answer)
  } catch (error) {
    process.send?.({ error: String(error) } satisfies Answer)
  }
})
