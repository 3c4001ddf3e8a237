import type { AddressInfo } from 'node:net'
import type { ExecutionContext } from 'ava'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'

export interface Received {
  to: string[]
  /** headers and bodies as they came over the wire */
  raw: string
}

/** What the server says to a recipient or a message: nothing = taken, a number = an error reply of that code. */
export interface Manners {
  recipient?(address: string): number | undefined
  message?(raw: string): number | undefined
  login?(): number | undefined
}

/** A real SMTP server on a free port. `manners` may be changed while it runs. */
export async function startMailServer(t: ExecutionContext, manners: Manners = {}) {
  const received: Received[] = []
  const reply = (code: number | undefined) =>
    code === undefined ? null : Object.assign(new Error(`no, not for secret@example.com`), { responseCode: code })

  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onAuth: (_auth, _session, done) => {
      const error = reply(manners.login?.())
      if (error) return done(error)
      done(null, { user: 'latchkey' })
    },
    onRcptTo: ({ address }, _session, done) => done(reply(manners.recipient?.(address))),
    onData(stream: SMTPServerDataStream, session: SMTPServerSession, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString()
        const error = reply(manners.message?.(raw))
        if (!error) received.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw })
        done(error)
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)))
  return { url: `smtp://127.0.0.1:${port}`, port, received, manners }
}
