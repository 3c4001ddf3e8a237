/** Every method over stores in maps, with the mailboxes and phones that messages arrive in: quick enough for property tests. */
import type { Keyring } from '../../src/secrets/keyring.ts'
import type { Account, AccountDocuments, Documents, Factor, IdentifierKind, Storage } from '../../src/storage/types.ts'
import { type CodeMailProps, createVerification, type Recipient, type VerificationDeps } from '../../src/verification/index.ts'
import { createMemory } from './memory.ts'
import { minute } from './rig.ts'

/** What arrived, newest first. `ticket`: what the link in it has after `/link/`. */
export interface Arrived {
  to: string
  kind: 'email' | 'phone'
  variant?: CodeMailProps['variant']
  code?: string
  ticket?: string
  at: number
}

export interface Handed {
  to: string
  suppressed: boolean
  tellsRefusal: boolean
}

function createDocuments<T extends { id: string; accountId?: string }>(calls: string[], name: string) {
  const rows = new Map<string, T>()
  const copy = (row: T | undefined) => structuredClone(row)
  const documents = {
    async get(id: string) {
      calls.push(`${name}.get`)
      return copy(rows.get(id))
    },
    async insert(row: T) {
      rows.set(row.id, structuredClone(row))
    },
    async update(id: string, fn: (current: T) => T | undefined) {
      calls.push(`${name}.update`)
      const current = copy(rows.get(id))
      const next = current && fn(current)
      if (next) rows.set(id, structuredClone(next))
      return copy(rows.get(id))
    },
    async delete(id: string) {
      rows.delete(id)
    },
    listByAccount: async (accountId: string) => [...rows.values()].filter((row) => row.accountId === accountId),
  }
  return documents
}

/** Enough of a keyring: the store is a map, and nobody looks into it. */
const keyring = {
  hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]),
  seal: (purpose: string, text: string, bound = '') => JSON.stringify([purpose, bound, text]),
  open: (_: string, sealed: string) => (JSON.parse(sealed) as string[])[2]!,
} as Keyring

export const named = (kind: IdentifierKind, value: string): Recipient =>
  ({ kind, value, throttleKey: kind === 'email' ? value.replace(/\+[^@]*/, '') : value })

export const account = (id: string, identifiers: Account['identifiers'], more: Partial<Account> = {}): Account =>
  ({ id, createdAt: 1, userHandle: id, credentialIds: [], identifiers, ...more })

export function createWorld(accounts: Account[], settings: Partial<VerificationDeps['config']['verification']> = {}) {
  const memory = createMemory()
  const { calls, clock } = memory
  const holders = createDocuments<Account>(calls, 'accounts') as Documents<Account>
  const factors = createDocuments<Factor>(calls, 'factors') as AccountDocuments<Factor>
  const arrived: Arrived[] = []
  const handed: Handed[] = []
  const ids = new Set(accounts.map(({ id }) => id))
  for (const one of accounts) void holders.insert(one)

  let mail: CodeMailProps
  let text: string
  const hand = ({ to, suppressed = false, ifRefused }: { to: string; suppressed?: boolean; ifRefused?: object }, message: Pick<Arrived, 'kind' | 'code' | 'ticket' | 'variant'>) => {
    handed.push({ to, suppressed, tellsRefusal: ifRefused !== undefined })
    if (!suppressed) arrived.unshift({ to, at: clock.now(), ...message })
  }
  const verification = createVerification({
    storage: { ephemeral: memory.ephemeral, clock, accounts: holders, factors } as Storage,
    keyring,
    accounts: {
      async findByIdentifier({ kind, value }) {
        calls.push('accounts.find')
        for (const id of ids) {
          const found = await holders.get(id)
          calls.pop()
          if (found?.identifiers.some((one) => one.kind === kind && one.value === value)) return found
        }
        return undefined
      },
    },
    outbox: {
      async enqueue(queued) {
        const { variant, code, link } = mail
        const nothing = variant === 'passkeys_only'
        hand(queued, { kind: 'email', variant, ...(code !== undefined && !nothing && { code }), ...(link !== undefined && !nothing && { ticket: link.split('/link/')[1]! }) })
      },
      enqueueText: async (queued) => hand(queued, { kind: 'phone', code: text }),
    },
    mails: { code: (props) => ((mail = props), { subject: '', text: '', html: '' }) },
    texts: { code: ({ code }) => (text = code) },
    display: ({ value }) => value,
    recipient: ({ kind, value }) => named(kind, value),
    config: {
      issuer: 'https://login.example.com',
      theme: { name: 'Example' },
      verification: {
        methods: ['email_otp', 'email_link', 'sms_otp', 'totp', 'recovery_code'],
        code: { digits: 6, alphabet: 'digits', life: 10 * minute },
        ...settings,
      },
    },
  })
  return { ...memory, ...verification, accounts: holders, factors, arrived, handed }
}
