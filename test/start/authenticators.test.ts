/** The list of authenticators that an operator loaded: of use from the next start on, and never in the way of one. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { freePort } from '../helpers/port.ts'
import { launch, temporary } from './process.ts'

test('a list that is damaged costs one warning, and the server starts', async (t) => {
  const folder = await temporary(t)
  const file = join(folder, 'authenticators.json')
  await mkdir(folder, { recursive: true })
  await writeFile(file, '{"version": 1, "authenticators": {"x"')
  const port = await freePort()
  const server = launch({ env: { PORT: String(port), LATCHKEY_DATA: folder } })
  t.teardown(() => server.kill('SIGKILL'))
  await server.printed(new RegExp(`Try it: +http://localhost:${port}/demo`))
  server.kill('SIGTERM')
  const { code, out, error } = await server.ended
  t.is(code, 0)
  const warnings = `${out}${error}`.split('\n').filter((line) => line.includes('authenticators.json'))
  t.is(warnings.length, 1)
  t.true(warnings[0]?.includes(`${file} is damaged: the names that we bring along are used. Load the list again: npm run aaguids:update`))
})
