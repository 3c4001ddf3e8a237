import { globSync } from 'node:fs'
import { resolve } from 'node:path'

const all = globSync('test/**/*.test.ts').sort()
const isBrowser = (file) => file.endsWith('.browser.test.ts')
const [browsers, others] = [all.filter(isBrowser), all.filter((file) => !isBrowser(file))]
/** A browser takes long, and half of the machine: one begins before each dozen of others, and none is left for the end. */
const order = [...browsers.flatMap((file, index) => [file, ...others.slice(12 * index, 12 * (index + 1))]), ...others.slice(12 * browsers.length)]
const places = new Map(order.map((file, place) => [resolve(file), place]))
const placeOf = (file) => places.get(resolve(file)) ?? Infinity

export default {
  extensions: ['ts'],
  files: ['test/**/*.test.ts'],
  timeout: '120s',
  // More than there are cores: most of them wait for a disk, a browser or another process half of the time.
  concurrency: 4,
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
  sortTestFiles: (one, other) => placeOf(one) - placeOf(other),
}
