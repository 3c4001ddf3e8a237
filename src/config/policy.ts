import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Rule } from '../policy/rules.ts'
import { availableMethods } from '../policy/types.ts'
import { systemCode } from '../errors.ts'
import { applyChecks } from './checks.ts'
import { policyChecks } from './policy-checks.ts'
import { compile, listsOf } from './policy-conditions.ts'
import { ruleSchema, rulesFileSchema, type WrittenRule } from './policy-schema.ts'
import type { Finding, Path, Problem } from './problems.ts'
import { problemIn, yamlSource } from './source.ts'
import type { Source } from './source.ts'
import { validate } from './validate.ts'

export interface RuleSurroundings {
  /** lists of domains are named relative to it */
  folder: string
  /** absent while clients are wrong themselves */
  clientIds?: string[]
}

export const rulesFile = join('policy', 'rules.yaml')

const ownFile = fileURLToPath(new URL('../../config/policy/rules.yaml', import.meta.url))
let own: Source | undefined

/** The rules in force where the operator has written none: the file that we bring along. */
export function builtInRules(): Source {
  own ??= yamlSource(ownFile, readFileSync(ownFile, 'utf8')).source
  if (!own) throw new Error(`${ownFile} is damaged`)
  return own
}

/** From rules as written to rules that can be asked, or to everything that is wrong with them. */
export function checkRules(source: Source, { folder, clientIds }: RuleSurroundings): { rules: Rule[]; problems: Problem[] } {
  const top: Finding[] = []
  const written = validate(rulesFileSchema, source.value, top)?.rules ?? []
  const lists = createLists(folder, source)
  const checked = written.map((value, index) => {
    const findings: Finding[] = []
    const rule = validate(ruleSchema, value, findings)
    if (rule) findings.push(...applyChecks(policyChecks, { rule, ...(clientIds && { clientIds }) }, findings))
    if (rule) findings.push(...listsOf(rule.when, ['when']).flatMap(({ path, name }) => lists.findings(path, name)))
    return { rule, findings: findings.map(({ path, ...rest }) => ({ path: ['rules', index, ...path], ...rest })) }
  })
  const findings = [...top, ...checked.flatMap((one) => one.findings), ...namedTwice(checked.map(({ rule }) => rule))]
  const problems = [...findings.map((finding) => problemIn(source, finding)), ...lists.problems()]
  if (problems.length > 0) return { rules: [], problems }
  return { rules: checked.flatMap(({ rule }) => (rule ? [toRule(rule, lists.domains)] : [])), problems }
}

function toRule({ name, on, when, then, ask, because }: WrittenRule, domains: (name: string) => ReadonlySet<string>): Rule {
  return {
    name,
    on: [on].flat(),
    when: compile(when, domains),
    then: [then].flat(),
    ...(ask && {
      ask: {
        ...(ask.level && { acr: ask.level }),
        ...(ask.methods && { methods: availableMethods.filter((method) => ask.methods?.includes(method)) }),
      },
    }),
    because,
  }
}

function namedTwice(rules: (WrittenRule | undefined)[]): Finding[] {
  return rules.flatMap((rule, index) =>
    rule && rules.findIndex((other) => other?.name === rule.name) < index
      ? [{ path: ['rules', index, 'name'], message: 'is the name of a rule above', allowed: 'a name of its own for each rule' }]
      : [])
}

/** Lists of domains, each read once. Rules that are not the operator's have empty ones where he keeps none. */
function createLists(folder: string, source: Source) {
  const read = new Map<string, { domains: Set<string>; problems: Problem[]; unreadable?: string }>()
  const isOwn = source.file === ownFile

  function listOf(name: string) {
    const known = read.get(name)
    if (known) return known
    const file = resolve(folder, name)
    const list: ReturnType<typeof parseList> & { unreadable?: string } = { domains: new Set(), problems: [] }
    try {
      Object.assign(list, parseList(join(folder, name), readFileSync(file, 'utf8')))
    } catch (error) {
      if (!isOwn || !['ENOENT', 'ENOTDIR'].includes(systemCode(error))) list.unreadable = systemCode(error)
    }
    read.set(name, list)
    return list
  }

  return {
    domains: (name: string): ReadonlySet<string> => listOf(name).domains,
    problems: () => [...read.values()].flatMap(({ problems }) => problems),
    findings(path: Path, name: string): Finding[] {
      const { unreadable } = listOf(name)
      if (unreadable === undefined) return []
      return [{ path, message: `names a file that cannot be read (${unreadable})`, allowed: 'the path of a list of domains, relative to the config folder' }]
    },
  }
}

/** A domain on each line; what follows # is a comment. */
function parseList(file: string, text: string): { domains: Set<string>; problems: Problem[] } {
  const domains = new Set<string>()
  const problems: Problem[] = []
  for (const [index, row] of text.split('\n').entries()) {
    const name = row.replace(/#.*/, '').trim().toLowerCase()
    if (name === '') continue
    if (/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name)) domains.add(name)
    else problems.push({ file, line: index + 1, path: '', message: 'is not a domain', allowed: 'a domain on each line, as in example.com; # starts a comment' })
  }
  return { domains, problems }
}
