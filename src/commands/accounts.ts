import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createAccounts } from '../accounts/accounts.ts'
import { normaliseEmail } from '../accounts/normalise-email.ts'
import { createSwitching } from '../accounts/switching.ts'
import { createTickets } from '../accounts/tickets.ts'
import { createAudit } from '../audit/audit.ts'
import { formatProblem, loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import { createRevocation, jwtLife } from '../oidc/revocation.ts'
import { openStorage } from '../storage/index.ts'
import type { Account, Storage } from '../storage/types.ts'

/**
 * `npm run accounts -- disable | enable | enrol-link SUB|EMAIL`: what an operator does to one account, beside a running
 * server or without one. Ends with 0 when it is done, 1 when it could not be, 2 when it was not understood.
 */
const usage = 'usage: npm run accounts -- disable|enable|enrol-link SUB|EMAIL'

/** ms: how long a help link works */
const linkLife = 24 * 60 * 60 * 1000

/** Said in one line, with the code to end with. */
class Refusal extends Error {
  readonly code: number
  constructor(message: string, code = 1) {
    super(message)
    this.code = code
  }
}

interface Deps {
  config: Config
  storage: Storage
  audit: ReturnType<typeof createAudit>
}

type Command = (account: Account, deps: Deps) => Promise<string>

const commands: Record<string, Command> = {
  async disable(account, deps) {
    await switching(deps).disable(account.id)
    const before = account.disabledAt === undefined ? 'is disabled' : `was disabled already (since ${time(account.disabledAt)})`
    return `${nameOf(account)} ${before}. Ended now: its sessions, refresh tokens and opaque access tokens. Ends within ${jwtLife / 60} minutes: JWT access tokens that apps hold already.`
  },

  async enable(account, deps) {
    if (account.disabledAt === undefined) return `${nameOf(account)} is not disabled: nothing to do.`
    await switching(deps).enable(account.id)
    return `${nameOf(account)} may sign in again. What was open before stays ended.`
  },

  async 'enrol-link'(account, { config, storage, audit }) {
    if (account.disabledAt !== undefined) throw new Refusal(`${nameOf(account)} is disabled: enable it first.`)
    const expiresAt = storage.clock.now() + linkLife
    const ticket = await createTickets(storage).issue({ purpose: 'enrol', accountId: account.id, life: linkLife })
    await audit.record('help_link.made', { accountId: account.id }, { expiresAt })
    return `${new URL(`/account/enrol/${ticket}`, config.issuer).href} lets ${nameOf(account)} make a passkey, once, until ${time(expiresAt)}. It belongs to the browser that presses its button first, and ends any link made before: pass it on only where you know who reads it.`
  },
}

const switching = ({ storage, audit }: Deps) =>
  createSwitching({ storage, revocation: createRevocation(storage), tickets: createTickets(storage), audit })

async function main([name = '', who = '', ...more]: string[]): Promise<string> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command || who === '' || more.length > 0) throw new Refusal(usage, 2)
  const outcome = await loadConfig({ env: process.env })
  if ('problems' in outcome) throw new Refusal(`The config has problems; the first is: ${formatProblem(outcome.problems[0]!)}. All of them: npm run config:check`)
  const folder = process.env.LATCHKEY_DATA || 'data'
  // Opening would make an empty one.
  if (!existsSync(join(folder, 'latchkey.db'))) throw new Refusal(`There is no data in ${folder}: set LATCHKEY_DATA to the folder that the server uses.`)
  const storage = await openStorage({ ...outcome.config.storage, folder })
  try {
    const log = { error: (fields: object, message: string) => console.error(`${message}:`, fields) }
    const audit = createAudit({ audit: storage.audit, clock: storage.clock, log })
    return await command(await find(who, storage), { config: outcome.config, storage, audit })
  } finally {
    await storage.close()
  }
}

async function find(who: string, storage: Storage): Promise<Account> {
  const accounts = createAccounts(storage)
  const email = who.includes('@') ? normaliseEmail(who) : undefined
  const account = email === undefined ? await accounts.get(who) : email.ok ? await accounts.findByEmail(email.value) : undefined
  if (!account) throw new Refusal(`There is no account with the ${email === undefined ? 'sub' : 'address'} ${who}.`)
  return account
}

const nameOf = ({ id, identifiers }: Account): string => [`Account ${id}`, ...identifiers.slice(0, 1).map(({ value }) => `(${value})`)].join(' ')

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`

try {
  console.log(await main(process.argv.slice(2)))
} catch (error) {
  // What an operator can mend is one line; anything else is a fault of ours and shows where.
  const known = error instanceof Refusal || (error instanceof AppError && error.code === 'store_unavailable')
  console.error(known ? error.message : error)
  process.exitCode = error instanceof Refusal ? error.code : 1
}
