import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { formatProblem, loadConfig } from '../config/load.ts'
import { checkRules } from '../config/policy.ts'
import { inReadingOrder } from '../config/problems.ts'
import { yamlSource } from '../config/source.ts'
import { duration } from '../config/values.ts'
import type { Rule } from '../policy/rules.ts'
import { replay, type Difference, type Replay } from '../risk/replay.ts'
import type { Log, RuleDecision } from '../storage/types.ts'
import { Refusal, run, time, unreadable, withStorage } from './command.ts'

/**
 * `npm run rules -- try FILE --since 7d`: what other rules would have come to, beside a running server or without one.
 * Ends with 0 when they were tried, 1 when they could not be, 2 when it was not understood.
 */
const usage = 'usage: npm run rules -- try FILE [--since 7d]'

/** Decisions are kept for so long. */
const since = duration('1m', '90d')

async function tryRules(args: string[]): Promise<string> {
  const { file, span } = understand(args)
  const { rules, config } = await checked(file)
  return withStorage(config, async (storage) => {
    const after = storage.clock.now() - span
    const result = await replay(recorded(storage.rules, after), rules)
    return [`${rules.length} ${rules.length === 1 ? 'rule' : 'rules'} of ${file} tried on ${result.tried} decisions since ${time(after)}.`, ...report(result)].join('\n')
  })
}

function understand(args: string[]): { file: string; span: number } {
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { since: { type: 'string', default: '7d' } } })
    const [name, file, ...more] = positionals
    const span = since.safeParse(values.since)
    if (name === 'try' && file !== undefined && more.length === 0 && span.success) return { file, span: span.data }
  } catch {
    // an option that there is not
  }
  throw new Refusal(`${usage} (--since 1m to 90d)`, 2)
}

/** The rules of the file, or everything that is wrong with them and with the config that they belong to. */
async function checked(file: string) {
  const outcome = await loadConfig({ env: process.env })
  const configProblems = 'problems' in outcome ? outcome.problems : []
  const clientIds = 'config' in outcome ? outcome.config.clients.map(({ client_id }) => client_id) : undefined
  const { source, problems } = readRules(file)
  const folder = process.env.LATCHKEY_CONFIG || 'config'
  const ruled = source && checkRules(source, { folder, ...(clientIds && { clientIds }) })
  const all = inReadingOrder([...problems, ...(ruled?.problems ?? []), ...configProblems]).map(formatProblem)
  if ('problems' in outcome || !ruled || all.length > 0) {
    throw new Refusal([...new Set(all), '', `${new Set(all).size === 1 ? 'A problem' : `${new Set(all).size} problems`}: nothing was tried.`].join('\n'))
  }
  return { rules: ruled.rules satisfies Rule[], config: outcome.config }
}

function readRules(file: string) {
  try {
    return yamlSource(file, readFileSync(file, 'utf8'))
  } catch (error) {
    throw unreadable(file, error)
  }
}

const page = 1000

/** Newest first. Those of the millisecond at which a page ends are read twice, and told once. */
async function* recorded(log: Log<RuleDecision>, after: number): AsyncGenerator<RuleDecision> {
  let before = Number.MAX_SAFE_INTEGER
  let told = new Set<string>()
  for (;;) {
    const found = await log.query({ after, before, limit: page })
    yield* found.filter(({ id }) => !told.has(id))
    const last = found.at(-1)
    if (found.length < page || !last) return
    told = new Set(found.filter(({ at }) => at === last.at).map(({ id }) => id))
    // A page full of one millisecond is left behind, or this would never end.
    before = told.size < page ? last.at + 1 : last.at
  }
}

function report({ different, differences, untold, unlooked }: Replay): string[] {
  return [
    '',
    different === 0 ? 'Nothing would have been different.' : `${different} would have been different:`,
    ...differences.flatMap(inWords),
    ...(untold > 0 ? ['', `${untold} cannot be told: they depend on what was not looked at then (${unlooked.map(([name, count]) => `${name}: ${count}`).join(', ')}).`] : []),
  ]
}

function inWords({ event, change, count, examples }: Difference): string[] {
  return [
    `  ${String(count).padStart(6)}  ${event}: would ${change}`,
    ...examples.map(({ at, rules, signals }) =>
      `          ${[time(at), rules.join(', ') || 'by no rule', signals.map(([name, value]) => `${name} ${String(value)}`).join(', ')].filter(Boolean).join('  ')}`),
  ]
}

await run(tryRules)
