/** The tests that stand for the guard, the dispatcher and the budgets fail when those are faulty: each fault of test/mutations/faults.ts is put into a copy and must be caught. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { faults } from '../mutations/faults.ts'

const root = join(import.meta.dirname, '../..')
let copy: string

test.before(async () => {
  copy = await mkdtemp(join(tmpdir(), 'latchkey-mutations-'))
  for (const part of ['src', 'views', 'test', 'config', 'docs', 'bin', 'package.json', 'ava.config.js', 'tsconfig.json']) await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
})
test.after.always(() => rm(copy, { recursive: true, force: true }))

/** Whether the tests pass in the copy. */
function passes(files: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const ava = spawn(process.execPath, [join(root, 'node_modules/ava/entrypoints/cli.mjs'), ...files], {
      cwd: copy,
      stdio: 'ignore',
      // AVA refuses to run inside AVA
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AVA_'))),
    })
    ava.on('error', reject).on('close', (code) => resolve(code === 0))
  })
}

test.serial('the copy itself passes', async (t) => {
  const missing = faults.flatMap(({ caughtBy }) => caughtBy).filter((file) => !existsSync(join(copy, file)))
  t.deepEqual(missing, [])
  t.true(await passes([...new Set(faults.flatMap(({ caughtBy }) => caughtBy))]))
})

for (const { name, file, find, replace, caughtBy } of faults) {
  test.serial(`caught: ${name}`, async (t) => {
    const path = join(copy, file)
    const sound = await readFile(path, 'utf8')
    t.is(sound.split(find).length, 2, `the patch for ${file} is out of date`)
    await writeFile(path, sound.replace(find, () => replace))
    try {
      t.false(await passes(caughtBy), `${caughtBy.join(', ')} did not notice`)
    } finally {
      await writeFile(path, sound)
    }
  })
}
