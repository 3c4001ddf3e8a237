import { hash } from 'node:crypto'
import { createAccounts } from '../accounts/accounts.ts'
import { createNormaliser } from '../accounts/normalise.ts'
import { entryIn, idOf, releasedLife, type Known } from '../accounts/reservations.ts'
import type { Audit } from '../audit/audit.ts'
import type { Config } from '../config/schema.ts'
import { systemCode, unlessTaken } from '../errors.ts'
import { openKeyring, randomId, type Keyring } from '../secrets/keyring.ts'
import type { Account, Storage } from '../storage/types.ts'
import { totpFactor, totpFactorId } from '../verification/totp.ts'
import { Refusal, unreadable } from './command.ts'
import { linesOf, type Line } from './import-file.ts'
import { createLineReader, type Person } from './import-line.ts'

interface Deps {
  config: Config
  storage: Storage
  audit: Audit
  /** the data folder */
  folder: string
  /** one line about what is wrong with a line of the file */
  report(line: string): void
}

export interface ImportOptions {
  file: string
  dryRun: boolean
  /** the good lines are imported whatever the others are */
  skipBad: boolean
}

type Standing = { is: 'new' } | { is: 'there'; account: Account } | { is: 'bad'; problems: string[] }

/** lines at once: the store writes what comes together in one go */
const width = 64

/**
 * Imports people from another system, one per line, and says what came of it. The file is read twice: first everything
 * is checked, then imported; unless `skipBad`, nothing is when any line is bad. A line is an account with all it says or
 * nothing. What is there already stays as it is, so that the same file can be imported again: after a crash that does
 * the rest.
 */
export async function importFile({ file, dryRun, skipBad }: ImportOptions, { config, storage, audit, folder, report }: Deps): Promise<string> {
  const { clock } = storage
  const accounts = createAccounts(storage)
  const read = createLineReader(config, createNormaliser(config.identifiers))
  /** of every sub and identifier in the file: the first good line that has it. By hash, so that long files fit. */
  const first = new Map<number, number>()
  const bad = new Set<number>()
  const count = { lines: 0, made: 0, there: 0, unproven: 0, noWay: 0 }
  let keyring: Promise<Keyring> | undefined

  async function check({ number, text }: Line): Promise<{ person: Person; standing: Standing } | { problems: string[] }> {
    const reading = read(text, clock.now())
    if ('problems' in reading) return reading
    const { person } = reading
    const names = namesOf(person)
    const earlier = names.map(({ field, key }) => ({ field, line: first.get(key) })).filter(({ line }) => line !== undefined && line < number)
    if (earlier.length > 0) return { problems: earlier.map(({ field, line }) => `${field}: is in line ${line} too`) }
    const standing = await standingOf(person)
    return standing.is === 'bad' ? { problems: standing.problems } : { person, standing }
  }

  async function standingOf({ sub, identifiers }: Person): Promise<Standing> {
    const own = sub === undefined ? undefined : await accounts.get(sub)
    const holders = await Promise.all(identifiers.map((one) => accounts.findByIdentifier(one)))
    const held = identifiers.flatMap((one, index) => (holders[index] ? [{ one, holder: holders[index] }] : []))
    if (own) {
      const elsewhere = held.filter(({ holder }) => holder.id !== own.id)
      return elsewhere.length > 0 ? { is: 'bad', problems: elsewhere.map(({ one, holder }) => `${fieldOf(one)}: belongs to the account ${holder.id}`) } : { is: 'there', account: own }
    }
    const [some] = held
    if (!some) {
      const blocked = (await Promise.all(identifiers.map(async (one) => ((await wasGivenUp(one)) ? [`${fieldOf(one)}: was given up by another account less than 7 days ago`] : [])))).flat()
      return blocked.length > 0 ? { is: 'bad', problems: blocked } : { is: 'new' }
    }
    if (sub !== undefined || held.some(({ holder }) => holder.id !== some.holder.id)) {
      return { is: 'bad', problems: held.map(({ one, holder }) => `${fieldOf(one)}: belongs to the account ${holder.id}`) }
    }
    // Somebody who never proved it must not stand for the person of this line.
    const claimed = held.filter(({ one, holder }) => one.proven && entryIn(holder, one)?.verifiedAt === undefined)
    return claimed.length > 0
      ? { is: 'bad', problems: claimed.map(({ one, holder }) => `${fieldOf(one)}: is held without proof by the account ${holder.id}`) }
      : { is: 'there', account: some.holder }
  }

  async function wasGivenUp(one: Known): Promise<boolean> {
    const found = await storage.identifiers.get(idOf(one))
    return found?.state === 'released' && clock.now() < (found.releasedAt ?? -Infinity) + releasedLife
  }

  async function checkAll(): Promise<void> {
    for await (const line of linesOf(file)) {
      count.lines += 1
      const outcome = await check(line)
      if ('problems' in outcome) {
        bad.add(line.number)
        report(`line ${line.number}: ${outcome.problems.join('; ')}`)
        continue
      }
      for (const { key } of namesOf(outcome.person)) first.set(key, line.number)
      const { person, standing } = outcome
      if (standing.is === 'there') count.there += 1
      else tally(person)
    }
  }

  function tally({ identifiers, totpKey }: Person): void {
    count.made += 1
    if (identifiers.some(({ kind, proven }) => kind !== 'username' && !proven)) count.unproven += 1
    if (identifiers.every(({ kind }) => kind === 'username') && !totpKey) count.noWay += 1
  }

  async function importLine(line: Line): Promise<void> {
    if (bad.has(line.number)) return
    const outcome = await check(line)
    const problems = 'problems' in outcome ? outcome.problems : await write(outcome.person, outcome.standing)
    if (problems.length === 0) return
    bad.add(line.number)
    report(`line ${line.number}: ${problems.join('; ')} (since the file was checked)`)
  }

  /** The account lists the key before it is there: should the process die in between, the next import finds out and adds it. */
  async function write(person: Person, standing: Standing): Promise<string[]> {
    const { sub, identifiers, totpKey, ...more } = person
    const now = clock.now()
    let account = standing.is === 'there' ? standing.account : undefined
    if (!account) {
      const made = await accounts.create({
        identifiers: identifiers.map(({ kind, value, proven }) => ({ kind, value, ...(proven && { verifiedAt: now }) })),
        ...(sub !== undefined && { draft: { accountId: sub, userHandle: randomId(32) } }),
        ...(totpKey && { factors: { totp: { since: now } } }),
        ...more,
      })
      if (!made.ok) return [`${fieldOf(made.taken)}: is taken`]
      account = made.account
      await audit.record('account.imported', { accountId: account.id }, {})
      tally(person)
    } else count.there += 1
    const { id, factors } = account
    if (totpKey && factors?.totp && !(await storage.factors.get(totpFactorId(id)))) {
      await unlessTaken(storage.factors.insert(totpFactor(await (keyring ??= openKeyring(folder)), { accountId: id, key: totpKey, createdAt: factors.totp.since })))
    }
    return []
  }

  async function importAll(): Promise<void> {
    let together: Promise<void>[] = []
    for await (const line of linesOf(file)) {
      together.push(importLine(line))
      if (together.length < width) continue
      await Promise.all(together)
      together = []
    }
    await Promise.all(together)
  }

  try {
    await checkAll()
  } catch (error) {
    if (systemCode(error).startsWith('E')) throw unreadable(file, error)
    throw error
  }
  const found = `${count.lines} ${count.lines === 1 ? 'line' : 'lines'}, ${bad.size} bad`
  if (dryRun) {
    const summary = `${found}. ${summaryOf(count, 'would be made')} Nothing was written.`
    if (bad.size > 0) throw new Refusal(summary)
    return summary
  }
  if (bad.size > 0 && !skipBad) throw new Refusal(`${found}. Nothing was imported: mend them, or leave them out with --skip-bad.`)
  Object.assign(count, { made: 0, there: 0, unproven: 0, noWay: 0 })
  const before = bad.size
  await importAll()
  const summary = `${count.lines} ${count.lines === 1 ? 'line' : 'lines'}, ${bad.size} bad. ${summaryOf(count, 'made')}`
  if (bad.size > before) throw new Refusal(summary)
  return summary
}

function summaryOf({ made, there, unproven, noWay }: { made: number; there: number; unproven: number; noWay: number }, what: string): string {
  return [
    `Accounts ${what}: ${made}; there already: ${there}.`,
    ...(unproven > 0 ? [`With an address or number that still has to be proven: ${unproven}.`] : []),
    ...(noWay > 0 ? [`With a username alone, and nothing to sign in by until they get a help link (enrol-link): ${noWay}.`] : []),
  ].join(' ')
}

const fieldOf = ({ kind }: Known): string => ({ email: 'email', phone: 'phone_number', username: 'preferred_username' })[kind]

/** 52 bits, what a number holds: among a million names two are taken for one in one file of ten thousand. */
const keyOf = (name: string): number => parseInt(hash('sha256', name, 'hex').slice(0, 13), 16)

const namesOf = ({ sub, identifiers }: Person): { field: string; key: number }[] => [
  ...(sub === undefined ? [] : [{ field: 'sub', key: keyOf(`sub:${sub}`) }]),
  ...identifiers.map((one) => ({ field: fieldOf(one), key: keyOf(idOf(one)) })),
]
