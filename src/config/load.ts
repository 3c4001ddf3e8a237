import { access, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkSources } from './parse.ts'
import type { Outcome } from './parse.ts'
import type { Problem } from './problems.ts'
import { errorCode } from './references.ts'
import type { Surroundings } from './references.ts'
import { plainSource, problemIn, yamlSource } from './source.ts'
import type { Source } from './source.ts'

export { formatProblem } from './problems.ts'
export type { Problem } from './problems.ts'

export interface LoadOptions {
  /** default: LATCHKEY_CONFIG, else `./config` */
  folder?: string
  env: Surroundings['env']
}

const serverFile = 'latchkey.yaml'

/**
 * Reads `latchkey.yaml` and `clients/*.yaml` of the config folder. Resolves to a config that holds together, with
 * warnings for the operator, or to every problem at once. An empty or missing folder is a valid config for
 * http://localhost:3000; a missing one that LATCHKEY_CONFIG names is a problem.
 */
export async function loadConfig({ env, folder = env.LATCHKEY_CONFIG || 'config' }: LoadOptions): Promise<Outcome> {
  const files = await findFiles(folder, env)
  const read = await Promise.all([readServer(files.server), ...files.clients.map(readSource)])
  const problems = [...files.problems, ...read.flatMap((file) => file.problems)]
  const [server, ...clients] = read.map(({ source }) => source)

  // files that cannot be read are left out, so that everything else is still checked
  const readable = clients.filter((source) => !problems.some(({ file }) => file === source.file))
  const outcome = checkSources(server ?? plainSource(join(folder, serverFile), {}), readable, { folder, env })
  if ('problems' in outcome) problems.push(...outcome.problems)
  else problems.push(...(await logoProblems(outcome, server)))
  return problems.length > 0 || 'problems' in outcome ? { problems } : outcome
}
