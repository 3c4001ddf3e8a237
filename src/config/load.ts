import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkSources } from './parse.ts'
import type { Outcome } from './parse.ts'
import { rulesFile } from './policy.ts'
import { inReadingOrder } from './problems.ts'
import type { Problem } from './problems.ts'
import { systemCode } from '../errors.ts'
import type { Surroundings } from './references.ts'
import { plainSource, yamlSource } from './source.ts'
import type { Source } from './source.ts'

export { formatProblem } from './problems.ts'
export type { Problem } from './problems.ts'

export interface LoadOptions {
  /** default: LATCHKEY_CONFIG, else `./config` */
  folder?: string
  env: Surroundings['env']
  /** false: the apps' files are not read, so that their secrets need not be at hand; `config.clients` says nothing then */
  clients?: boolean
}

const serverFile = 'latchkey.yaml'

/**
 * Reads `latchkey.yaml`, `clients/*.yaml` and `policy/rules.yaml` of the config folder. Resolves to a config that holds
 * together or to every problem at once, either with warnings for the operator. An empty or missing folder is a valid
 * config for http://localhost:3000; a missing one that LATCHKEY_CONFIG names is a problem.
 */
export async function loadConfig({ env, folder = env.LATCHKEY_CONFIG || 'config', clients: withClients = true }: LoadOptions): Promise<Outcome> {
  const problems: Problem[] = []
  const files = await findFiles(folder, { required: Boolean(env.LATCHKEY_CONFIG) }, problems)
  const path = join(folder, serverFile)
  const server = files.includes(serverFile) ? await readSource(path, problems) : plainSource(path, {})
  const clients = await Promise.all(
    files.filter((name) => name !== serverFile && name !== rulesFile).map((name) => (withClients ? readSource(join(folder, name), problems) : undefined)))
  const rules = files.includes(rulesFile) ? await readSource(join(folder, rulesFile), problems) : undefined

  // a file that cannot be read is left out, so that everything else is still checked
  const outcome = checkSources(server, clients, { folder, env }, rules)
  if ('problems' in outcome) problems.push(...outcome.problems)
  return problems.length > 0 ? { problems: inReadingOrder(problems), warnings: outcome.warnings } : outcome
}

/** Names of the files to read, relative to the folder. */
async function findFiles(folder: string, { required }: { required: boolean }, problems: Problem[]): Promise<string[]> {
  const list = async (path: string, optional: boolean) => {
    try {
      return await readdir(path)
    } catch (error) {
      const code = systemCode(error)
      if (code === 'ENOENT' && optional) return []
      const reason = { ENOENT: 'does not exist', ENOTDIR: 'is not a folder' }[code] ?? `cannot be read (${code})`
      problems.push({ file: path, path: '', message: reason, allowed: 'a folder with latchkey.yaml and clients/*.yaml; LATCHKEY_CONFIG names it' })
      return []
    }
  }
  const top = await list(folder, !required)
  const clients = top.includes('clients') ? await list(join(folder, 'clients'), true) : []
  const policies = top.includes('policy') ? (await list(join(folder, 'policy'), true)).map((name) => join('policy', name)) : []
  const names = [
    ...top.filter((name) => name === serverFile || name.endsWith('.yml')),
    ...clients.map((name) => join('clients', name)),
    ...policies.filter((name) => name === rulesFile || name.endsWith('.yml')),
  ]
  const misnamed = names.filter((name) => name.endsWith('.yml'))
  const strangers = policies.filter((name) => name.endsWith('.yaml') && name !== rulesFile)
  const ignored = (allowed: string) => (name: string) => ({ file: join(folder, name), path: '', message: 'would be ignored', allowed })
  problems.push(...misnamed.map(ignored('names that end in .yaml')), ...strangers.map(ignored(`rules in ${rulesFile}`)))
  return names.filter((name) => name.endsWith('.yaml')).sort()
}

async function readSource(file: string, problems: Problem[]): Promise<Source | undefined> {
  try {
    const read = yamlSource(file, await readFile(file, 'utf8'))
    problems.push(...read.problems)
    return read.source
  } catch (error) {
    problems.push({ file, path: '', message: `cannot be read (${systemCode(error)})`, allowed: 'a file that this user may read' })
    return undefined
  }
}
