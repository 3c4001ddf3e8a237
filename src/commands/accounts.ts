import { createAccounts } from '../accounts/accounts.ts'
import { createChanges } from '../accounts/changes.ts'
import { createNormaliser } from '../accounts/normalise.ts'
import { createPasskeysOnly, type PasskeysOnlyOutcome } from '../accounts/passkeys-only.ts'
import { createSwitching } from '../accounts/switching.ts'
import type { Known } from '../accounts/reservations.ts'
import { createTickets } from '../accounts/tickets.ts'
import { createAudit } from '../audit/audit.ts'
import { formatProblem, loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { createNotices } from '../delivery/notices.ts'
import { createOutbox } from '../delivery/outbox.ts'
import { createTextAlerts } from '../delivery/text-alerts.ts'
import { createRevocation, jwtLife } from '../oidc/revocation.ts'
import { identifierKinds } from '../policy/types.ts'
import { openKeyring } from '../secrets/keyring.ts'
import type { Account, IdentifierKind, Storage } from '../storage/types.ts'
import { dataFolder, Refusal, run, time, withStorage } from './command.ts'
import { importFile } from './import.ts'
import { createMails } from '../../views/mail/index.ts'
import { createTexts } from '../../views/sms/index.ts'

/**
 * `npm run accounts -- disable | enable | enrol-link WHO`, `passkeys-only on | off WHO`: what an operator does to one
 * account, and `import FILE`: to many; beside a running server or without one. Ends with 0 when it is done, 1 when it could not be, 2 when it was not
 * understood.
 */
const usage = 'usage: npm run accounts -- disable|enable|enrol-link SUB|EMAIL|PHONE|USERNAME, passkeys-only on|off SUB|EMAIL|PHONE|USERNAME, or import FILE [--dry-run] [--skip-bad]'

/** ms: how long a help link works */
const linkLife = 24 * 60 * 60 * 1000

interface Deps {
  config: Config
  storage: Storage
  audit: ReturnType<typeof createAudit>
}

interface Found {
  account: Account
  /** by which it was asked for; absent: by its sub */
  by?: Known
}

type Command = (found: Found, deps: Deps) => Promise<string>

const commands: Record<string, Command> = {
  async disable(found, deps) {
    const { account } = found
    await switching(deps).disable(account.id)
    const before = account.disabledAt === undefined ? 'is disabled' : `was disabled already (since ${time(account.disabledAt)})`
    return `${nameOf(found)} ${before}. Ended now: its sessions, refresh tokens and opaque access tokens. Ends within ${jwtLife / 60} minutes: JWT access tokens that apps hold already.`
  },

  async enable(found, deps) {
    const { account } = found
    if (account.disabledAt === undefined) return `${nameOf(found)} is not disabled: nothing to do.`
    await switching(deps).enable(account.id)
    return `${nameOf(found)} may sign in again. What was open before stays ended.`
  },

  async 'enrol-link'(found, { config, storage, audit }) {
    const { account } = found
    if (account.disabledAt !== undefined) throw new Refusal(`${nameOf(found)} is disabled: enable it first.`)
    const waits = account.frozen ? ' The link does not work yet: somebody has said that a change to the account was not theirs, and an older passkey or a finished recovery has to decide about it first.' : ''
    const expiresAt = storage.clock.now() + linkLife
    const ticket = await createTickets(storage).issue({ purpose: 'enrol', accountId: account.id, life: linkLife })
    await audit.record('help_link.made', { accountId: account.id }, { expiresAt })
    return `${new URL(`/account/enrol/${ticket}`, config.issuer).href} lets ${nameOf(found)} make a passkey, once, until ${time(expiresAt)}. It belongs to the browser that presses its button first, and ends any link made before: pass it on only where you know who reads it.${waits}`
  },
}

const passkeysOnlyWords: Record<'on' | 'off', Record<Extract<PasskeysOnlyOutcome, 'done' | 'unchanged'>, string>> = {
  on: {
    done: 'signs in with passkeys only from now on. Ended now: what was open by codes, links and authenticator apps alone. Its addresses were told.',
    unchanged: 'signs in with passkeys only already: nothing to do.',
  },
  off: {
    done: 'may sign in with codes, links and authenticator apps again. Its addresses were told.',
    unchanged: 'is not kept to passkeys: nothing to do.',
  },
}

async function passkeysOnly(found: Found, setting: 'on' | 'off', { config, storage, audit }: Deps): Promise<string> {
  const { account } = found
  const revocation = createRevocation(storage)
  const notices = await noticesFor({ config, storage })
  const outcome = await createPasskeysOnly({
    storage, revocation, audit, config,
    changes: createChanges({ storage, revocation, audit }),
    announce: (told, change) => notices.detailsChanged(told, { at: change.at, device: change.userAgent, change, what: setting === 'on' ? 'passkeys_only_on' : 'passkeys_only_off' }),
  }).set(account, setting === 'on')
  if (outcome === 'no_way_back') throw new Refusal(`${nameOf(found)} would be locked out by losing one passkey: it needs two passkeys, or a passkey and recovery codes.`)
  if (outcome === 'frozen') throw new Refusal(`${nameOf(found)} stays as it is for now: somebody has said that a change to it was not theirs, and an older passkey or a finished recovery has to decide about it first.`)
  return `${nameOf(found)} ${passkeysOnlyWords[setting][outcome]}`
}

/** Mails are only put in: the server hands them on, now or when it starts. */
async function noticesFor({ config, storage }: Pick<Deps, 'config' | 'storage'>) {
  const { clock } = storage
  const keyring = await openKeyring(dataFolder())
  const accounts = createAccounts(storage)
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }
  const handedOn = { send: async () => ({ delivered: false as const, permanent: false, detail: 'left to the server' }), close: () => {} }
  const outbox = createOutbox({ outbox: storage.outbox, ephemeral: storage.ephemeral, keyring, clock, log: quiet, transports: config.mail.smtp === undefined ? {} : { mail: handedOn } })
  const { name, help } = config.theme
  const host = new URL(config.issuer).host
  const language = config.locales[0] ?? 'en'
  const mails = createMails({ name, host, ...(help !== undefined && { helpUrl: help }) }, language)
  const alerts = createTextAlerts({ outbox, accounts, texts: createTexts({ name, host }, language) })
  return createNotices({ outbox, accounts, mails, alerts, tickets: createTickets(storage), clock, config })
}

const switching = ({ storage, audit }: Deps) =>
  createSwitching({ storage, revocation: createRevocation(storage), tickets: createTickets(storage), audit })

async function accounts([name = '', ...rest]: string[]): Promise<string> {
  const act = name === 'import' ? importing(rest) : acting(name, rest)
  const outcome = await loadConfig({ env: process.env, clients: false })
  if ('problems' in outcome) throw new Refusal(`The config has problems; the first is: ${formatProblem(outcome.problems[0]!)}. All of them: npm run config:check`)
  const { config } = outcome
  return withStorage(config, async (storage) => {
    const log = { error: (fields: object, message: string) => console.error(`${message}:`, fields) }
    const audit = createAudit({ audit: storage.audit, clock: storage.clock, log })
    return act({ config, storage, audit })
  })
}

function acting(name: string, args: string[]): (deps: Deps) => Promise<string> {
  const [setting] = args
  const isSetting = name === 'passkeys-only' && (setting === 'on' || setting === 'off')
  const command: Command | undefined = isSetting ? (found, deps) => passkeysOnly(found, setting, deps) : Object.hasOwn(commands, name) ? commands[name] : undefined
  const [who = '', ...more] = isSetting ? args.slice(1) : args
  if (!command || who === '' || more.length > 0) throw new Refusal(usage, 2)
  return async (deps) => command(await find(who, deps), deps)
}

function importing(args: string[]): (deps: Deps) => Promise<string> {
  const options = args.filter((arg) => arg.startsWith('--'))
  const [file = '', ...more] = args.filter((arg) => !arg.startsWith('--'))
  if (file === '' || more.length > 0 || options.some((option) => option !== '--dry-run' && option !== '--skip-bad')) throw new Refusal(usage, 2)
  const [dryRun, skipBad] = ['--dry-run', '--skip-bad'].map((option) => options.includes(option)) as [boolean, boolean]
  return (deps) => importFile({ file, dryRun, skipBad }, { ...deps, folder: dataFolder(), report: console.error })
}

/** A sub first: imported ones may look like anything. */
async function find(who: string, { config, storage }: Deps): Promise<Found> {
  const accounts = createAccounts(storage)
  const read = createNormaliser(config.identifiers).read(who, identifierKinds, 'finding')
  const bySub = await accounts.get(who)
  if (bySub) return { account: bySub }
  const account = read.ok ? await accounts.findByIdentifier(read) : undefined
  if (!read.ok || !account) throw new Refusal(`There is no account with the ${what[read.kind ?? 'username']} ${who}.`)
  return { account, by: read }
}

const what: Record<IdentifierKind, string> = { email: 'address', phone: 'number', username: 'sub or username' }

/** By what it was asked for, and its main email beside that: an operator recognises both. */
function nameOf({ account: { id, identifiers }, by }: Found): string {
  const main = identifiers.find(({ kind }) => kind === 'email') ?? (by ? undefined : identifiers[0])
  const values = new Set([by, main].flatMap((one) => (one ? [one.value] : [])))
  return [`Account ${id}`, ...(values.size > 0 ? [`(${[...values].join(', ')})`] : [])].join(' ')
}

await run(accounts)
