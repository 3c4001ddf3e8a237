import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Certificate {
  /** PEM */
  key: string
  /** PEM */
  cert: string
  /** SHA-256 of its public key, base64: as Chromium's `--ignore-certificate-errors-spki-list` wants it */
  spki: string
}

/** A certificate that nobody signed, made for this run: names are hosts, or addresses as `IP:127.0.0.1`. */
export async function selfSigned(...names: string[]): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-certificate-'))
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const alternatives = names.map((name) => (name.startsWith('IP:') ? name : `DNS:${name}`)).join(',')
    await promisify(execFile)('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=latchkey test',
      '-addext', `subjectAltName=${alternatives}`, '-keyout', keyFile, '-out', certFile,
    ])
    const [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')])
    const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
    return { key, cert, spki: createHash('sha256').update(spki).digest('base64') }
  } finally {
    await rm(folder, { recursive: true })
  }
}
