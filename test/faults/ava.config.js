/** The slow tests, out of reach of `npm test`: see test/run.ts. One at a time: each loads the machine by itself. */
export default {
  extensions: ['ts'],
  files: ['test/faults/*.faults.ts'],
  concurrency: 1,
  timeout: '8m',
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
}
