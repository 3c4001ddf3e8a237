import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conformance } from './conformance.ts'

conformance({
  name: 'sqlite',
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-storage-'))
    return { config: { kind: 'embedded', folder }, remove: () => rm(folder, { recursive: true }) }
  },
})
