/** Those that wait the most begin first, while others work; the rest in the order of their names. */
const waiting = [/\.browser\.test\.ts$/, /\/test\/(commands|start|oidc)\//]
const rank = (file) => waiting.findIndex((kind) => kind.test(file)) >>> 0

export default {
  extensions: ['ts'],
  files: ['test/**/*.test.ts'],
  timeout: '120s',
  // More than there are cores: most of them wait for a disk, a browser or another process half of the time.
  concurrency: 5,
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
  sortTestFiles: (one, other) => rank(one) - rank(other) || (one < other ? -1 : 1),
}
