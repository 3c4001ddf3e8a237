import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { AppError } from '../errors.ts'
import type { Middleware } from './context.ts'

const types: { [extension: string]: string } = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
}
const compressible = new Set(['.css', '.js', '.svg', '.webmanifest'])

export interface Assets {
  /** `/assets/<name>.<hash>.<ext>`. @throws Error for a name that is not there: a typing mistake in a view */
  url(name: string): string
  middleware: Middleware
}

interface Asset {
  url: string
  type: string
  etag: string
  identity: Buffer
  /** made at the first request that accepts it, kept afterwards */
  encoded: { br?: Promise<Buffer>; gzip?: Promise<Buffer> }
  compress: boolean
  /** of its own, in place of the pages' */
  policy?: string
}

/** For pictures that strangers drew, should somebody open one by itself: nothing runs, nothing loads, no origin of ours. */
const untrustedPolicy = "default-src 'none'; sandbox"

/** `./other.js` and `url(./icon.svg)` in scripts and styles. */
const reference = /(["'(])\.\/([\w.-]+)(?=["')])/g

const compressors = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
}

/**
 * Scripts, styles and pictures, read once at start and served from memory under names that contain their hash, so that
 * browsers keep them for good. Files that name each other by `./` get the hashed names put in.
 *
 * @param options.folders every file directly in them that has one of the types above
 * @param options.extra made at run time, e.g. the theme's stylesheet: name -> content
 * @param options.untrusted the same, drawn by strangers: served so that they can do nothing as pages
 * @param options.standIn what to serve for a name that a page from before a change of config still asks for
 */
export async function createAssets(options: {
  folders: string[]
  extra?: Record<string, string | Buffer>
  untrusted?: Record<string, Buffer>
  standIn?: (name: string) => string | undefined
}): Promise<Assets> {
  const sources = new Map<string, Buffer>()
  for (const folder of options.folders) {
    for (const name of await readdir(folder)) {
      if (types[extname(name)] !== undefined) sources.set(name, await readFile(join(folder, name)))
    }
  }
  for (const [name, content] of Object.entries({ ...options.untrusted, ...options.extra })) sources.set(name, Buffer.from(content))
  const isUntrusted = (name: string) => Object.hasOwn(options.untrusted ?? {}, name)

  const assets = new Map<string, Asset>()
  function add(name: string, path: string[]): Asset {
    const known = assets.get(name)
    if (known !== undefined) return known
    if (path.includes(name)) throw new Error(`assets name each other in a circle: ${[...path, name].join(' -> ')}`)
    const extension = extname(name)
    let identity = sources.get(name)
    if (identity === undefined) throw new Error(`no such asset: ${name}`)
    if (extension === '.js' || extension === '.css') {
      const text = identity.toString('utf8').replace(reference, (match, open: string, other: string) =>
        sources.has(other) ? `${open}./${basename(add(other, [...path, name]).url)}` : match,
      )
      identity = Buffer.from(text)
    }
    const hash = createHash('sha256').update(identity).digest('base64url').slice(0, 12)
    const asset: Asset = {
      url: `/assets/${basename(name, extension)}.${hash}${extension}`,
      type: types[extension] ?? 'application/octet-stream',
      etag: `"${hash}"`,
      identity,
      encoded: {},
      compress: compressible.has(extension) && identity.length > 200,
      ...(isUntrusted(name) && { policy: untrustedPolicy }),
    }
    assets.set(name, asset)
    return asset
  }
  for (const name of sources.keys()) add(name, [])
  const byUrl = new Map([...assets.values()].map((asset) => [asset.url, asset]))

  return {
    url(name) {
      const asset = assets.get(name)
      if (asset === undefined) throw new Error(`no such asset: ${name}`)
      return asset.url
    },

    async middleware(ctx, next) {
      if (!ctx.path.startsWith('/assets/')) return next()
      ctx.state.route = '/assets/:file'
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new AppError('method_not_allowed')

      const exact = byUrl.get(ctx.path)
      // A page from before an update still asks for the old name: the new file serves it best, but must not be kept.
      const name = ctx.path.slice('/assets/'.length).replace(/\.[\w-]{12}(\.\w+)$/, '$1')
      const asset = exact ?? assets.get(name) ?? assets.get(options.standIn?.(name) ?? '')
      if (asset === undefined) throw new AppError('not_found', 'no such asset')

      ctx.status = 200
      ctx.type = asset.type
      ctx.set('Cache-Control', exact === undefined ? 'no-store' : 'public, max-age=31536000, immutable')
      ctx.set('ETag', asset.etag)
      if (asset.policy !== undefined) ctx.set('Content-Security-Policy', asset.policy)
      if (asset.compress) ctx.vary('Accept-Encoding')
      if (ctx.fresh) {
        ctx.status = 304
        return
      }
      // Browsers name both without a preference: the smaller one first.
      const encoding = asset.compress ? (['br', 'gzip'] as const).find((name) => ctx.acceptsEncodings(name)) : undefined
      if (encoding !== undefined) {
        ctx.set('Content-Encoding', encoding)
        ctx.body = await (asset.encoded[encoding] ??= compressors[encoding](asset.identity))
      } else ctx.body = asset.identity
      ctx.type = asset.type
    },
  }
}
