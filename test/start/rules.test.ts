/** A wrong set of rules is refused whole, with every problem: at the start, on SIGHUP, and by config:check. */
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import packageJson from '../../package.json' with { type: 'json' }
import { createApp, shop } from '../helpers/app.ts'
import { eventually } from '../helpers/eventually.ts'
import { startServer } from '../helpers/server.ts'
import { createVisitor } from '../helpers/visitor.ts'
import { launch } from './process.ts'

const rule = (more: string) => `rules:\n  - name: no-more\n    on: sign_up\n    when: { domain: example.com }\n    then: ${more}\n    because: x\n`
const wrong = `${rule('denny')}  - name: no-more\n    on: sign_up\n    when: { device: { known: true } }\n    then: deny\n    because: x\n`
const problems = [/rules\.yaml:5 {2}rules\[0\]\.then {2}is not one of the outcomes/, /rules\.yaml:9 {2}rules\[1\]\.when\.device\.known {2}is not known at sign_up/]

test('a reload takes good rules over at once, and of a wrong set nothing', async t => {
  const server = await startServer({ clients: [shop], files: { 'policy/rules.yaml': 'rules: []\n' } })
  t.teardown(() => server.dispose())
  const outcomes = () => server.log.filter(line => /config (not )?reloaded/.test(line))
  const reload = async (rules: string) => {
    await writeFile(join(server.folder, 'config', 'policy', 'rules.yaml'), rules)
    const known = outcomes().length
    process.kill(server.pid, 'SIGHUP')
    return eventually('the outcome of a reload', async () => outcomes()[known])
  }
  const app = await createApp(server.issuer, shop)
  const signUp = async () => {
    const visitor = createVisitor(server)
    const form = await visitor.browser.submit(await visitor.arrive(await app.authorize()), '/identifier', { button: 'Create an account' })
    return (await visitor.browser.submit(form, '/sign-up', { values: { identifier: visitor.email } })).heading
  }

  t.not(await signUp(), 'We cannot let this go on here')
  t.regex(await reload(rule('deny')), /"config reloaded"/)
  t.is(await signUp(), 'We cannot let this go on here')
  const refused = await reload(wrong)
  t.regex(refused, /config not reloaded: nothing has changed/)
  const told = (JSON.parse(refused) as { problems: string[] }).problems
  t.is(told.length, problems.length)
  for (const problem of problems) t.true(told.some(line => problem.test(line)), told.join('\n'))
  t.is(await signUp(), 'We cannot let this go on here', 'the rules before are in force')
})

test('the start and config:check tell every problem', async t => {
  const server = await startServer({ files: { 'policy/rules.yaml': rule('allow') } })
  t.teardown(() => server.dispose())
  await server.stop()
  await writeFile(join(server.folder, 'config', 'policy', 'rules.yaml'), wrong)
  const env = { LATCHKEY_CONFIG: join(server.folder, 'config'), LATCHKEY_DATA: join(server.folder, 'data'), PORT: String(server.port) }

  const start = await launch({ env }).ended
  t.is(start.code, 1)
  t.regex(start.error, /^Latchkey cannot start: the config has 2 problems:/)
  const check = spawnSync(process.execPath, packageJson.scripts['config:check'].split(' ').slice(1), { env, encoding: 'utf8' })
  t.is(check.status, 1)
  t.regex(check.stderr, /\n2 problems\. The server would not start with this config\./)
  for (const problem of problems) {
    t.regex(start.error, problem)
    t.regex(check.stderr, problem)
  }
})
