#!/usr/bin/env node
// Plain JavaScript, so that a Node which cannot read TypeScript still gets to say so.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(`Latchkey cannot start: Node ${process.version} is too old. Run "npm install" (it brings Node 24) and then "npm start".`)
  process.exit(1)
}

// Web Crypto's newest algorithms, which we do not use, announce themselves at each start.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.error(warning)
})

// Keeps the compiled modules for the next start, which then takes half the time. Not in the system's temporary folder,
// where others could leave code for us; where the folder cannot be written, nothing is kept.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/latchkey', import.meta.url)))

await import('../src/main.ts')
