import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { jsonSchemas, schemaFolder } from '../../src/commands/config-schema.ts'
import { loadConfig } from '../../src/config/load.ts'
import { outcomes } from '../../src/policy/rules.ts'
import { ruleEvents, signalNames, signals, type SignalSpec } from '../../src/policy/signals.ts'
import { parseConfig, withFolder } from './folder.ts'

const read = (name: string) => readFile(join(schemaFolder, name), 'utf8')

for (const [name, text] of Object.entries(jsonSchemas)) {
  test(`config/${name} is the schema (else: npm run config:schema)`, async (t) => {
    t.is(await read(name), text)
  })
}

/** Names of settings in a JSON Schema, all levels. */
function namesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => [...(key === 'properties' ? Object.keys(value as object) : []), ...namesIn(value)])
}

test('latchkey.yaml changes nothing, and shows every setting with its default', async (t) => {
  const text = await read('latchkey.yaml')
  t.true(text.startsWith('# yaml-language-server: $schema=./latchkey.schema.json\n'))
  const shown = text.replace(/^#(?! [^ ])/gm, '').replace(/^#.*$/gm, '')

  for (const content of [text, shown]) {
    await withFolder({ 'latchkey.yaml': content }, async (folder) => {
      t.deepEqual(await loadConfig({ folder, env: {} }), { config: parseConfig(), warnings: [] })
    })
  }
  for (const section of ['server', 'passkeys', 'sessions', 'theme']) t.regex(shown, new RegExp(`^${section}:$`, 'm'))
  for (const name of namesIn(JSON.parse(jsonSchemas['latchkey.schema.json']))) t.regex(text, new RegExp(`^#[ #]*${name}:`, 'm'), name)
})

test('the example client is valid, and names all metadata', async (t) => {
  const text = await read('clients/example.yaml.sample')
  t.true(text.startsWith('# yaml-language-server: $schema=../client.schema.json\n'))
  const env = { EXAMPLE_SHOP_SECRET: 'x'.repeat(32) }
  await withFolder({ 'clients/example.yaml': text }, async (folder) => {
    const outcome = await loadConfig({ folder, env })
    t.deepEqual('problems' in outcome && outcome.problems, false)
  })
  for (const name of namesIn(JSON.parse(jsonSchemas['client.schema.json']))) {
    if (!['jwks', 'keys', 'kty'].includes(name)) t.regex(text, new RegExp(`\\b${name}:`), name)
  }
})

test('the rules that we bring along are in force without a file, and the file says everything that rules can be about', async (t) => {
  const text = await read('policy/rules.yaml')
  t.true(text.startsWith('# yaml-language-server: $schema=../rules.schema.json\n'))
  await withFolder({ 'policy/rules.yaml': text, 'policy/blocked-domains.txt': await read('policy/blocked-domains.txt') }, async (folder) => {
    t.deepEqual(await loadConfig({ folder, env: {} }), { config: parseConfig(), warnings: [] })
  })
  t.true(parseConfig().rules.length > 4)
  const comments = text.replace(/^[^#].*$/gm, '')
  for (const name of [...ruleEvents, ...outcomes, ...signalNames]) t.regex(comments, new RegExp(`^#\\s+${name.replace('.', '\\.')}\\s{2}`, 'm'), name)
  for (const { values = [] } of Object.values<SignalSpec>(signals)) for (const value of values) t.true(comments.includes(value), value)
  for (const name of ['name', 'on', 'when', 'then', 'ask', 'because']) t.regex(comments, new RegExp(`^#   ${name} +`, 'm'), name)
})
