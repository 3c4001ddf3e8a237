import { relative } from 'node:path'
import test from 'ava'
import { loadConfig } from '../../src/config/load.ts'
import { withFolder } from './folder.ts'

/** file, line, path, what is wrong, what is allowed */
export type Row = [file: string, line: number | undefined, path: string, message: string, allowed: string | undefined]

export interface Case {
  /** latchkey.yaml */
  server?: string
  /** clients/*.yaml */
  clients?: Record<string, string>
  files?: Record<string, string>
  env?: Record<string, string>
  /** all of them, in this order */
  problems: Row[]
}

export const durations = (least: string, most: string) => `a duration from ${least} to ${most}: a whole number with ms, s, m, h or d, as in 10m`
export const originForm = 'scheme, host and port only, as in https://login.example.com (no path, no slash at the end)'

/** One test for each config that must be refused. */
export function testProblems(cases: Record<string, Case>): void {
  for (const [title, { server, clients = {}, files = {}, env = {}, problems }] of Object.entries(cases)) {
    test(`config: ${title}`, async (t) => {
      const all = {
        ...files,
        ...(server !== undefined && { 'latchkey.yaml': server }),
        ...Object.fromEntries(Object.entries(clients).map(([name, text]) => [`clients/${name}`, text])),
      }
      await withFolder(all, async (folder) => {
        const outcome = await loadConfig({ folder, env })
        const inFolder = (text: string) => text.replace(`${folder}/`, '')
        const rows = 'problems' in outcome
          ? outcome.problems.map(({ file, line, path, message, allowed }) =>
              [file.startsWith('/') ? relative(folder, file) : file, line, path, inFolder(message), allowed])
          : []
        t.deepEqual(rows, problems)
      })
    })
  }
}
