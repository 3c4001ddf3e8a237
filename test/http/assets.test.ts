import test from 'ava'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createAssets } from '../../src/http/assets.ts'
import { securityHeaders } from '../../src/http/security-headers.ts'
import { serve } from './server.ts'

const css = `.button { color: red }\n`.repeat(50)

async function folderWith(t: { teardown(fn: () => Promise<void>): void }, files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-assets-'))
  t.teardown(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

test('what strangers drew can do nothing as a page; ours is served as before', async (t) => {
  const assets = await createAssets({ folders: [], extra: { 'logo.svg': '<svg/>' }, untrusted: { 'keeper-a.svg': Buffer.from('<svg/>'), 'keeper-b.png': Buffer.from('PNG') } })
  const { send } = await serve(t, () => [securityHeaders({ issuer: 'https://login.example.com' }), assets.middleware])
  for (const [name, type] of [['keeper-a.svg', 'image/svg+xml'], ['keeper-b.png', 'image/png']] as const) {
    const { status, headers } = await send(assets.url(name))
    t.is(status, 200)
    t.is(headers['content-type'], type)
    t.is(headers['content-security-policy'], "default-src 'none'; sandbox")
    t.is(headers['x-content-type-options'], 'nosniff')
    t.is(headers['cache-control'], 'public, max-age=31536000, immutable')
  }
  t.regex(String((await send(assets.url('logo.svg'))).headers['content-security-policy']), /script-src 'self'/)
})

test('what a page from before a change asks for is stood in for, and not kept', async (t) => {
  const assets = await createAssets({ folders: [], extra: { 'theme-118844.css': ':root{}' }, standIn: (name) => (name.startsWith('theme-') ? 'theme-118844.css' : undefined) })
  const { send } = await serve(t, () => [assets.middleware])
  const old = await send('/assets/theme-3355ff.AAAAAAAAAAAA.css')
  t.is(old.status, 200)
  t.is(old.text, ':root{}')
  t.is(old.headers['cache-control'], 'no-store')
  t.is((await send('/assets/other.AAAAAAAAAAAA.css')).status, 404)
})

test('served for good under a name with the hash, compressed as asked', async (t) => {
  const assets = await createAssets({ folders: [await folderWith(t, { 'latchkey.css': css })], extra: { 'theme.css': ':root{}' } })
  const { send } = await serve(t, () => [assets.middleware])
  const url = assets.url('latchkey.css')
  t.regex(url, /^\/assets\/latchkey\.[\w-]{12}\.css$/)

  const plain = await send(url)
  t.is(plain.status, 200)
  t.is(plain.text, css)
  t.is(plain.headers['content-type'], 'text/css; charset=utf-8')
  t.is(plain.headers['cache-control'], 'public, max-age=31536000, immutable')
  t.is(plain.headers['vary'], 'Accept-Encoding')

  const br = await send(url, { headers: { 'accept-encoding': 'gzip, deflate, br' } })
  t.is(br.headers['content-encoding'], 'br')
  t.is(br.headers['content-type'], 'text/css; charset=utf-8')
  t.is(brotliDecompressSync(br.bytes).toString(), css)
  const gzip = await send(url, { headers: { 'accept-encoding': 'gzip' } })
  t.is(gunzipSync(gzip.bytes).toString(), css)
  t.is((await send(url, { headers: { 'accept-encoding': 'br;q=0' } })).headers['content-encoding'], undefined)

  t.is((await send(url, { headers: { 'if-none-match': String(plain.headers['etag']) } })).status, 304)
  t.is((await send(assets.url('theme.css'))).text, ':root{}')
})

test('another content has another address', async (t) => {
  const one = await createAssets({ folders: [], extra: { 'theme.css': ':root{}' } })
  const two = await createAssets({ folders: [], extra: { 'theme.css': ':root{ }' } })
  t.not(one.url('theme.css'), two.url('theme.css'))
})

test('files that name each other get the hashed names', async (t) => {
  const folder = await folderWith(t, { 'a.js': `import { b } from './b.js'\nimport './none.js'`, 'b.js': 'export const b = 1' })
  const assets = await createAssets({ folders: [folder] })
  const { send } = await serve(t, () => [assets.middleware])
  const hashed = assets.url('b.js').slice('/assets/'.length)
  t.is((await send(assets.url('a.js'))).text, `import { b } from './${hashed}'\nimport './none.js'`)

  const circle = await folderWith(t, { 'a.js': `import './b.js'`, 'b.js': `import './a.js'` })
  await t.throwsAsync(createAssets({ folders: [circle] }), { message: /a\.js -> b\.js -> a\.js/ })
})

test('a page from before an update gets the new file, and does not keep it', async (t) => {
  const assets = await createAssets({ folders: [], extra: { 'theme.css': ':root{}' } })
  const { send } = await serve(t, () => [assets.middleware])
  const old = await send('/assets/theme.AAAAAAAAAAAA.css')
  t.is(old.status, 200)
  t.is(old.headers['cache-control'], 'no-store')
})

test('nothing else is served', async (t) => {
  const assets = await createAssets({ folders: [await folderWith(t, { 'secret.txt': 'SECRET', 'a.js': '' })] })
  const { send, lines } = await serve(t, () => [assets.middleware])
  for (const path of ['/assets/secret.txt', '/assets/', '/assets/../package.json', '/assets/%2e%2e/package.json', '/assets/constructor', '/assets/a.js/x']) {
    t.is((await send(path)).status, 404, path)
  }
  t.is((await send(assets.url('a.js'), { method: 'POST' })).status, 405)
  t.is(lines.at(-1)?.['route'], '/assets/:file')
  t.throws(() => assets.url('typo.css'), { message: /typo\.css/ })
})
