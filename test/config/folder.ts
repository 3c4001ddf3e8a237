import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkSources } from '../../src/config/parse.ts'
import type { Config, ServerInput } from '../../src/config/schema.ts'
import { plainSource } from '../../src/config/source.ts'

/** A config folder with the given files, gone after `use`. */
export async function withFolder<T>(files: Record<string, string>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-config-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** YAML without the test's own indentation; a variable is written as `\${NAME}`. */
export function yaml(strings: TemplateStringsArray): string {
  const text = (strings.raw[0] ?? '').replace(/^\n/, '').replaceAll('\\$', '$')
  const indent = /^ */.exec(text)?.[0].length ?? 0
  return text.split('\n').map((row) => row.slice(indent)).join('\n')
}

/** A config without files: the default one with these settings. */
export function parseConfig(settings: ServerInput = {}, env: Record<string, string> = {}): Config {
  const outcome = checkSources(plainSource('config', settings), [], { folder: process.cwd(), env })
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems))
  return outcome.config
}
