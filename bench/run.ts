/**
 * `npm run bench`, or `npm run bench -- login` for one: each prints a line of JSON per figure. Both sides run on this
 * machine in turn, so that only ratios are worth reading.
 */
import { machine } from './machine.ts'

const benches = {
  login: async () => (await import('./login.ts')).login(),
  token: async () => (await import('./token.ts')).tokens(),
  page: async () => (await import('./page.ts')).page(),
  rules: async () => (await import('./rules.ts')).rules(),
  scale: async () => (await import('./scale.ts')).scale(),
}

const names = process.argv.slice(2)
const unknown = names.filter(name => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: choose from ${Object.keys(benches).join(', ')}.`)
  process.exit(1)
}

for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue
  for (const figure of await bench()) console.log(JSON.stringify({ ...figure, machine }))
}
