/** Reads the file that it is given as a dry run of an import, and says by how many bytes its memory has grown at most. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAudit } from '../../src/audit/audit.ts'
import { importFile } from '../../src/commands/import.ts'
import type { Config } from '../../src/config/schema.ts'
import { serverSchema } from '../../src/config/schema.ts'
import { openStorage } from '../../src/storage/index.ts'

const [, , file = ''] = process.argv
const folder = await mkdtemp(join(tmpdir(), 'latchkey-import-'))
const storage = await openStorage({ kind: 'embedded', folder })
const config = serverSchema.parse({}) as unknown as Config
const audit = createAudit({ audit: storage.audit, clock: storage.clock, log: { error: () => {} } })
const before = process.memoryUsage.rss()
let [reads, most] = [0, 0]
const get = (id: string) => {
  if (reads++ % 100 === 0) most = Math.max(most, process.memoryUsage.rss())
  return storage.accounts.get(id)
}
const watched = { ...storage, accounts: { ...storage.accounts, get } }
const said = await importFile({ file, dryRun: true, skipBad: false }, { config, storage: watched, audit, folder, report: () => {} })
process.send?.({ said, grown: most - before })
await storage.close()
await rm(folder, { recursive: true })
process.disconnect()
