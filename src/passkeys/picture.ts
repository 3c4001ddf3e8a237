import { hash } from 'node:crypto'
import { cleanSvg } from './clean-svg.ts'

export interface Picture {
  /** `<hash>.svg` or `<hash>.png` */
  name: string
  bytes: Buffer
}

/** Characters of a data URI: a picture of 24 pixels has a few thousand. */
const longest = 300_000

const pngSignature = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
/** pixels: more would cost a browser memory that nothing shows for */
const widestPng = 2048

/** A picture that came as a data URI in base64 (RFC 2397), safe to serve; undefined for what is neither SVG nor PNG. */
export function readPicture(uri: string): Picture | undefined {
  if (uri.length > longest) return undefined
  const [, type, base64 = ''] = /^data:image\/(svg\+xml|png)(?:;charset=utf-8)?;base64,([A-Za-z\d+/=\s]+)$/i.exec(uri) ?? []
  const bytes = Buffer.from(base64, 'base64')
  if (type === undefined) return undefined
  if (type.toLowerCase() === 'png') return isPng(bytes) ? named(bytes, 'png') : undefined
  const cleaned = cleanSvg(bytes.toString('utf8'))
  return cleaned === undefined ? undefined : named(Buffer.from(cleaned), 'svg')
}

const named = (bytes: Buffer, extension: string): Picture => ({ name: `${hash('sha256', bytes).slice(0, 16)}.${extension}`, bytes })

/** By its signature and first chunk, which says the size (PNG 5.2, 11.2.1). */
function isPng(bytes: Buffer): boolean {
  if (bytes.length < 45 || !bytes.subarray(0, pngSignature.length).equals(pngSignature)) return false
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)].every((side) => side > 0 && side <= widestPng)
}
