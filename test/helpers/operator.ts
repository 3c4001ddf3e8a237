import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { environment } from './environment.ts'
import type { Server } from './server.ts'

const root = new URL('../../', import.meta.url)

/** `npm run accounts -- …` beside a running server: what it printed. */
export async function runAccounts(server: Pick<Server, 'folder' | 'port'>, ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/commands/accounts.ts', ...words], {
    cwd: root,
    env: {
      ...environment(),
      PORT: String(server.port),
      LATCHKEY_DATA: join(server.folder, 'data'),
      LATCHKEY_CONFIG: join(server.folder, 'config'),
    },
  })
  return stdout
}

/** The help link that the operator hands to somebody. */
export async function enrolLinkFor(server: Pick<Server, 'folder' | 'port'>, who: string): Promise<string> {
  const printed = await runAccounts(server, 'enrol-link', who)
  const link = /https?:\/\/\S+\/account\/enrol\/[\w-]{43}/.exec(printed)?.[0]
  if (!link) throw new Error(`no link in: ${printed}`)
  return link
}
