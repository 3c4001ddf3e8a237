/** Ada, and every kind of change that her account can see. */
import type { ChangeKind, Factor } from '../../src/storage/types.ts'
import { createWorld, hour, start, there, type World } from './store.ts'

/** Ada, an hour old, with the passkey and the address that she began with. */
export async function begin(t: { teardown(end: () => void): void }): Promise<World> {
  const world = createWorld()
  t.teardown(world.close)
  await world.addAccount()
  await world.addPasskey('old', 'ada', { signUp: true })
  await world.addEmail('ada@example.com')
  world.advance(hour)
  return world
}

/** What opens the account: passkeys that sign in, those listed, addresses, factors, disowned devices, recovery, protection. */
export async function opens(world: World): Promise<string[]> {
  const account = await world.account()
  const devices = await world.storage.devices.listByAccount('ada')
  return [
    ...(await world.usable()),
    ...account.credentialIds.toSorted().map((id) => `${id} listed`),
    ...account.identifiers.map(({ value }) => value),
    ...(await world.storage.factors.listByAccount('ada')).map(({ id, sealed, macs = [] }) => [id, sealed ?? macs.join()].join()),
    ...Object.entries(account.factors ?? {}).map(([kind, listed]) => `${kind} listed since ${(listed.since - start) / hour}${'left' in listed ? `, ${listed.left} left` : ''}`),
    ...devices.filter(({ disownedAt }) => disownedAt !== undefined).map(({ id }) => `${id} disowned`),
    ...(account.recovery ? [account.recovery.id] : []),
    ...(account.passkeysOnlySince === undefined ? [] : ['passkeys only']),
  ]
}

interface Case {
  kind: ChangeKind
  make: (world: World) => Promise<{ subject?: string; removed?: Parameters<World['changes']['record']>[0]['removed'] }>
  /** what opens the account besides the old passkey and address: before the press, after it, undone, confirmed */
  made: string[]
  frozen: string[]
  undone: string[]
  confirmed: string[]
}

export const totp: Factor = { id: 'totp:ada', accountId: 'ada', kind: 'totp', sealed: 'sealed', createdAt: start, usedStep: 3 }
export const codes = (...macs: string[]): Factor => ({ id: 'recovery_codes:ada', accountId: 'ada', kind: 'recovery_codes', createdAt: start, macs })
export const cases: Case[] = [
  {
    kind: 'passkey_added',
    make: async (world) => (await world.addPasskey('new'), { subject: 'new' }),
    made: ['new', 'new listed'], frozen: [], undone: [], confirmed: ['new', 'new listed'],
  },
  {
    kind: 'identifier_added',
    make: async (world) => ({ subject: await world.addEmail('eve@example.com') }),
    made: ['eve@example.com'], frozen: [], undone: [], confirmed: ['eve@example.com'],
  },
  {
    kind: 'identifier_removed',
    make: async ({ storage }) => {
      await storage.identifiers.insert({ id: 'email:a@b.c', kind: 'email', value: 'a@b.c', accountId: 'ada', state: 'released', createdAt: start })
      return { subject: 'email:a@b.c', removed: { kind: 'email', value: 'a@b.c', verifiedAt: start } }
    },
    made: [], frozen: [], undone: ['a@b.c'], confirmed: [],
  },
  {
    kind: 'method_added',
    make: async (world) => (await world.addFactor(totp), { subject: totp.id, removed: {} }),
    made: ['totp:ada,sealed', 'totp listed since 0'], frozen: [], undone: [], confirmed: ['totp:ada,sealed', 'totp listed since 0'],
  },
  {
    kind: 'method_removed',
    make: async () => ({ subject: totp.id, removed: { ...totp } }),
    made: [], frozen: [], undone: ['totp:ada,sealed', 'totp listed since 0'], confirmed: [],
  },
  {
    kind: 'recovery_codes_made',
    make: async (world) => (await world.addFactor({ ...codes('c', 'd', 'e'), createdAt: start + hour }), { subject: codes().id, removed: { before: { ...codes('a', 'b') } } }),
    made: ['recovery_codes:ada,c,d,e', 'recovery_codes listed since 1, 3 left'],
    frozen: [],
    undone: ['recovery_codes:ada,a,b', 'recovery_codes listed since 0, 2 left'],
    confirmed: ['recovery_codes:ada,c,d,e', 'recovery_codes listed since 1, 3 left'],
  },
  {
    kind: 'recovery_started',
    make: async (world) => ({ subject: (await world.recoveries.start(await world.account(), there)).id }),
    made: ['recovery'], frozen: [], undone: [], confirmed: [],
  },
  {
    kind: 'new_device',
    make: async (world) => ({ subject: await world.addDevice('stranger') }),
    made: [], frozen: ['stranger:ada disowned'], undone: ['stranger:ada disowned'], confirmed: [],
  },
  {
    kind: 'passkeys_only_on',
    make: async ({ storage }) => (await storage.accounts.update('ada', (account) => ({ ...account, passkeysOnlySince: start })), {}),
    made: ['passkeys only'], frozen: ['passkeys only'], undone: [], confirmed: ['passkeys only'],
  },
  { kind: 'passkeys_only_off', make: async () => ({}), made: [], frozen: [], undone: ['passkeys only'], confirmed: [] },
  { kind: 'recovery_code_used', make: async () => ({}), made: [], frozen: [], undone: [], confirmed: [] },
]
