import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ExecutionContext } from 'ava'
import { environment } from '../helpers/environment.ts'

const root = new URL('../../', import.meta.url)

export interface Started {
  pid: number
  /** what was printed so far has a line that matches */
  printed(pattern: RegExp): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** exit code, and everything that was printed */
  ended: Promise<{ code: number | null; out: string; error: string }>
}

interface Invocation {
  env?: Record<string, string>
  /** the program that runs bin/latchkey.js; this Node by default */
  node?: string
  nodeOptions?: string[]
}

/** `bin/latchkey.js` as an operator starts it, with nothing of ours in the environment but what is given. */
export function launch({ env = {}, node = process.execPath, nodeOptions = [] }: Invocation): Started {
  const child = spawn(node, [...nodeOptions, 'bin/latchkey.js'], { cwd: root, env: { ...environment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let check = () => {}
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk
      check()
    })
  }
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(([[code], out, error]) => ({ code: code as number | null, out, error }))
  return {
    pid: child.pid ?? Number.NaN,
    ended,
    kill: signal => void child.kill(signal),
    printed: pattern =>
      new Promise((resolve, reject) => {
        check = () => {
          const found = pattern.exec(output)
          if (found) resolve(found[0])
        }
        check()
        ended.then(({ code }) => reject(new Error(`ended with ${code} before it printed ${pattern}:\n${output}`)), reject)
      }),
  }
}

/** A folder of its own for a test, gone afterwards. */
export async function temporary(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-start-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}
