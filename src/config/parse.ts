import { clientRules, clientWarnings } from './client-rules.ts'
import type { ClientFile } from './client-schema.ts'
import { deriveConfig } from './derive.ts'
import { formatProblem } from './problems.ts'
import type { Finding, Problem } from './problems.ts'
import { resolveReferences } from './references.ts'
import type { Surroundings } from './references.ts'
import { applyRules } from './rules.ts'
import { clientSchema, serverSchema } from './schema.ts'
import type { ClientInput, Config, ServerInput } from './schema.ts'
import { serverRules, serverWarnings } from './server-rules.ts'
import { isRecord, plainSource, problemIn } from './source.ts'
import type { Source } from './source.ts'
import { StartError } from './start-error.ts'
import { validate } from './validate.ts'

export type Outcome = { config: Config; warnings: string[] } | { problems: Problem[] }

interface CheckedClient {
  source: Source
  client: ClientFile | undefined
  findings: Finding[]
}

/** A config without files, as tests want it: `{}` is a valid one. Throws `StartError` with every problem. */
export function parseConfig(input: ServerInput & { clients?: ClientInput[] } = {}, env: Surroundings['env'] = {}): Config {
  const { clients = [], ...server } = input
  const sources = clients.map((client, index) => plainSource(`clients[${index}]`, client))
  const outcome = checkSources(plainSource('config', server), sources, { folder: process.cwd(), env })
  if ('config' in outcome) return outcome.config
  throw new StartError(outcome.problems.map(formatProblem).join('\n'))
}

/** From settings as written to a config that holds together, or to everything that is wrong with them. */
export function checkSources(server: Source, clients: Source[], surroundings: Surroundings): Outcome {
  const findings: Finding[] = []
  const port = portFrom(surroundings.env)
  const written = resolve(server, surroundings, findings)
  const file = validate(serverSchema, typeof port === 'number' ? withPort(written, port) : written, findings)
  const checked = clients.map((source): CheckedClient => {
    const own: Finding[] = []
    return { source, client: validate(clientSchema, resolve(source, surroundings, own), own), findings: own }
  })

  if (file === undefined) return { problems: findings.map((finding) => problemIn(server, finding)) }
  const usable = checked.flatMap(({ client }) => (client ? [client] : []))
  const config = deriveConfig(file, usable, surroundings.folder)

  findings.push(...applyRules(serverRules, config, findings))
  for (const { client, findings: own } of checked) {
    if (client) own.push(...applyRules(clientRules, { client, config }, own))
  }
  const problems = [
    ...(typeof port === 'object' ? [port] : []),
    ...findings.map((finding) => problemIn(server, finding)),
    ...checked.flatMap(({ source, findings: own }) => own.map((finding) => problemIn(source, finding))),
    ...duplicateIds(checked),
  ]
  return problems.length > 0 ? { problems } : { config, warnings: warningsOf(config, server, checked) }
}

function resolve(source: Source, surroundings: Surroundings, findings: Finding[]): unknown {
  const resolved = resolveReferences(source.value, surroundings)
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

function warningsOf(config: Config, server: Source, checked: CheckedClient[]): string[] {
  const warnings = [
    ...applyRules(serverWarnings, config, []).map((finding) => problemIn(server, finding)),
    ...checked.flatMap(({ source, client }) =>
      client ? applyRules(clientWarnings, { client, config }, []).map((finding) => problemIn(source, finding)) : []),
  ]
  return warnings.map(formatProblem)
}
