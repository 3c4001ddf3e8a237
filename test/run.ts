/**
 * `npm test` runs the type check and every test but the slow ones, `npm run test:faults` the slow ones (kills, freezes,
 * long walks). Installs what a fresh Debian machine lacks, lists what could not run, and ends with the plain line
 * `N passed, N failed`. With `CI=true` a test that could not run is a failure.
 */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { install, requirements } from './helpers/requirements.ts'
import { type Outcome, readTap } from './helpers/tap.ts'

const suites = {
  all: { files: 'test/**/*.test.ts', checksTypes: true, ava: [] },
  faults: { files: 'test/faults/*.faults.ts', checksTypes: false, ava: ['--config', 'test/faults/ava.config.js'] },
}

const suite = process.argv.includes('--faults') ? suites.faults : suites.all
const isCi = process.env['CI'] === 'true'
const started = performance.now()

const { files, left } = whatCanRun(globSync(suite.files).sort())
const [types, tests] = await Promise.all([suite.checksTypes ? checkTypes() : undefined, files.length > 0 ? runAva(files, suite.ava) : []])
const outcomes = [...(types ? [types] : []), ...tests, ...left]
process.exitCode = report(outcomes)

/** Leaves out the files whose requirement is neither there nor ours to install. */
function whatCanRun(found: string[]): { files: string[]; left: Outcome[] } {
  let files = found
  const left: Outcome[] = []
  for (const requirement of requirements) {
    const needing = files.filter(file => requirement.neededBy.test(file))
    if (needing.length === 0) continue
    if (!requirement.isThere()) install(requirement)
    if (requirement.isThere()) continue
    files = files.filter(file => !needing.includes(file))
    const reason = `${requirement.name} is not here: ${requirement.advice}`
    left.push(...needing.map(title => ({ title, result: 'skipped' as const, reason })))
  }
  return { files, left }
}

async function checkTypes(): Promise<Outcome> {
  const ok = await succeeds('tsc', ['--noEmit'])
  console.log(`${ok ? '✔' : '✘'} types`)
  return { title: 'types', result: ok ? 'passed' : 'failed' }
}

/** AVA's own exit code counts too: it may end badly without one failing test. */
async function runAva(files: string[], options: string[]): Promise<Outcome[]> {
  // Some 200 threads, and the processes that they start, strip and compile the same files.
  const env = { NODE_COMPILE_CACHE: resolve('node_modules/.cache/test'), ...process.env }
  const ava = spawn('ava', ['--tap', ...options, ...files], { stdio: ['ignore', 'pipe', 'inherit'], env })
  const ended = new Promise<number | null>((resolve, reject) => ava.on('error', reject).on('close', resolve))
  const outcomes = await readTap(createInterface({ input: ava.stdout }), line => console.log(line))
  const code = await ended
  if (code !== 0 && !outcomes.some(({ result }) => result === 'failed')) {
    outcomes.push({ title: `AVA ended with exit code ${code}`, result: 'failed' })
  }
  return outcomes
}

function succeeds(command: string, args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
      .on('error', reject)
      .on('close', code => resolve(code === 0))
  })
}

function report(outcomes: Outcome[]): 0 | 1 {
  const of = (result: Outcome['result']) => outcomes.filter(outcome => outcome.result === result)
  const [passed, failed, skipped] = [of('passed'), of('failed'), of('skipped')]
  const failures = failed.length + (isCi ? skipped.length : 0)
  console.log()
  for (const { title } of failed) console.log(`failed: ${title}`)
  for (const { title, reason } of skipped) console.log(`skipped: ${title} (${reason})`)
  console.log(`${Math.round((performance.now() - started) / 1000)} s`)
  console.log(`${passed.length} passed, ${failures} failed`)
  return failures === 0 && passed.length > 0 ? 0 : 1
}
