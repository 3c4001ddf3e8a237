import { applyChecks } from './checks.ts'
import { clientChecks, clientWarnings } from './client-checks.ts'
import type { ClientSubject } from './client-checks.ts'
import type { ServerSide } from './client-set-up-checks.ts'
import type { ClientFile } from './client-schema.ts'
import { deriveConfig } from './derive.ts'
import { builtInRules, checkRules } from './policy.ts'
import { formatProblem } from './problems.ts'
import type { Finding, Problem } from './problems.ts'
import { resolveReferences } from './references.ts'
import type { Surroundings } from './references.ts'
import { clientSchema, clientSecrets, serverSchema, serverSecrets } from './schema.ts'
import type { Config } from './schema.ts'
import { rolloutChecks } from './rollout-checks.ts'
import { serverChecks, serverWarnings } from './server-checks.ts'
import { serverSetUp } from './set-up.ts'
import { isRecord, problemIn } from './source.ts'
import type { Source } from './source.ts'
import { validate } from './validate.ts'

export type Outcome = { config: Config; warnings: string[] } | { problems: Problem[]; warnings: string[] }

interface CheckedClient {
  source: Source
  client: ClientFile | undefined
  findings: Finding[]
}

/**
 * From settings as written to a config that holds together, or to everything that is wrong with them. Without the
 * server's settings or those of a client (they could not be read) the others are checked as far as that goes; without
 * the operator's rules ours hold.
 */
export function checkSources(
  server: Source | undefined,
  clients: (Source | undefined)[],
  surroundings: Surroundings,
  rules: Source = builtInRules(),
): Outcome {
  const port = portFrom(surroundings.env)
  const checked = clients.flatMap((source): CheckedClient[] => {
    if (!source) return []
    const findings: Finding[] = []
    return [{ source, client: validate(clientSchema, resolve(source, clientSecrets, surroundings, findings), findings), findings }]
  })
  const portProblem = typeof port === 'object' ? [port] : []
  const clientIds = checked.flatMap(({ client }) => client?.client_id ?? [])
  const ruled = checkRules(rules, { folder: surroundings.folder, ...(clientIds.length === clients.length && { clientIds }) })
  const others = () => [...problemsOf(checked), ...ruled.problems]
  if (!server) return { problems: [...portProblem, ...others()], warnings: [] }

  const findings: Finding[] = []
  const settings = resolve(server, serverSecrets, surroundings, findings)
  const file = validate(serverSchema, typeof port === 'number' ? withPort(settings, port) : settings, findings)
  const serverProblems = () => findings.map((finding) => problemIn(server, finding))
  if (!file) return { problems: [...portProblem, ...serverProblems(), ...others()], warnings: [] }

  const config = deriveConfig(file, checked.flatMap(({ client }) => client ?? []), surroundings.folder, ruled.rules)
  const subjects = clientSubjects(config, checked, findings)
  findings.push(...applyChecks(serverChecks, config, findings))
  // Where the files of the apps are not all at hand, nobody can say which of them are missing.
  if (clientIds.length === clients.length) findings.push(...applyChecks(rolloutChecks, config, findings))
  for (const { findings: own, subject } of subjects) own.push(...applyChecks(clientChecks, subject, own))

  const problems = [...portProblem, ...serverProblems(), ...others()]
  const warnings = [
    ...applyChecks(serverWarnings, config, findings).map((finding) => problemIn(server, finding)),
    ...subjects.flatMap(({ source, subject, findings: own }) => applyChecks(clientWarnings, subject, own).map((finding) => problemIn(source, finding))),
  ].map(formatProblem)
  return problems.length > 0 ? { problems, warnings } : { config, warnings }
}

/** The clients that are whole enough to be checked. */
function clientSubjects(config: Config, checked: CheckedClient[], serverFindings: Finding[]) {
  const resourcesAreWrong = serverFindings.some(({ path }) => path[0] === 'resources')
  const downgradeIsWrong = serverFindings.some(({ path }) => path[0] === 'assurance')
  const setUpIsWrong = serverFindings.some(({ path }) => ['identifiers', 'verification', 'passkeys', 'sms'].includes(String(path[0])))
  const server: ServerSide = {
    setUp: serverSetUp(config),
    creation: config.passkeys.creation,
    crossDevice: config.passkeys.crossDevice,
    enumeration: config.identifiers.enumeration,
    texts: config.sms !== undefined || config.builtInPhone,
  }
  const resourceScopes = Object.values(config.resources).flatMap(({ scopes }) => scopes)
  return checked.flatMap(({ source, client, findings }) => {
    if (!client) return []
    const subject: ClientSubject = { client, loopback: config.loopback, literalSecret: isLiteral(source), ...(!resourcesAreWrong && { resourceScopes }), ...(!downgradeIsWrong && { downgrade: config.assurance.downgrade }), ...(!setUpIsWrong && { server }) }
    return [{ source, findings, subject }]
  })
}

/** The secret itself stands in the file, which is under version control with the rest. */
function isLiteral({ value }: Source): boolean {
  const secret = isRecord(value) ? value['client_secret'] : undefined
  return typeof secret === 'string' && !secret.includes('${')
}

function problemsOf(checked: CheckedClient[]): Problem[] {
  return [...checked.flatMap(({ source, findings }) => findings.map((finding) => problemIn(source, finding))), ...duplicateIds(checked)]
}

function resolve(source: Source, secrets: readonly string[], surroundings: Surroundings, findings: Finding[]): unknown {
  const resolved = resolveReferences(source.value, secrets, surroundings)
  findings.push(...resolved.findings)
  return resolved.value
}

function portFrom({ PORT }: Surroundings['env']): number | Problem | undefined {
  if (PORT === undefined || PORT === '') return undefined
  if (/^\d{1,5}$/.test(PORT) && Number(PORT) >= 1 && Number(PORT) <= 65_535) return Number(PORT)
  return { file: 'environment', path: 'PORT', message: 'is not a port', allowed: 'a whole number from 1 to 65535' }
}

function withPort(settings: unknown, port: number): unknown {
  if (!isRecord(settings)) return settings
  const { server } = settings
  return server === undefined || isRecord(server) ? { ...settings, server: { ...server, port } } : settings
}

function duplicateIds(checked: CheckedClient[]): Problem[] {
  const first = new Map<string, Source>()
  return checked.flatMap(({ source, client }) => {
    if (!client) return []
    const other = first.get(client.client_id)
    if (!other) first.set(client.client_id, source)
    return other ? [problemIn(source, { path: ['client_id'], message: `is also used in ${other.file}`, allowed: 'an id of its own for each client' })] : []
  })
}
