import { z } from 'zod'

/** Limits are in base64url characters; WebAuthn allows ids of 1023 bytes and user handles of 64. */
const base64url = (maximum: number) => z.string().max(maximum).regex(/^[A-Za-z0-9_-]+$/)
const credentialId = base64url(1364)
const longestResponse = 64 * 1024

const attachment = z.enum(['platform', 'cross-platform']).optional().catch(undefined)
/** Unknown values are kept (WebAuthn 5.8.4), what cannot be one is dropped. */
const transports = z.array(z.string().regex(/^[a-z-]{1,32}$/)).max(16).catch([]).default([])

const clientData = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
})
export type ClientData = z.output<typeof clientData>

const assertion = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: attachment,
  response: z.object({
    clientDataJSON: base64url(8192),
    authenticatorData: base64url(8192),
    signature: base64url(4096),
    userHandle: z.union([base64url(86), z.literal('')]).nullish(),
  }),
})

const attestation = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: attachment,
  response: z.object({ clientDataJSON: base64url(8192), attestationObject: base64url(32768), transports }),
})

export type Assertion = z.output<typeof assertion> & { clientData: ClientData }
export type Attestation = z.output<typeof attestation> & { clientData: ClientData }

/** undefined when it is not what a browser sends for `get()` (WebAuthn 5.1.8) */
export function readAssertion(response: unknown): Assertion | undefined {
  return read(assertion, 'webauthn.get', response)
}

/** undefined when it is not what a browser sends for `create()` */
export function readAttestation(response: unknown): Attestation | undefined {
  return read(attestation, 'webauthn.create', response)
}

function read<T extends { id: string; rawId: string; response: { clientDataJSON: string } }>(
  shape: z.ZodType<T>,
  type: string,
  response: unknown,
): (T & { clientData: ClientData }) | undefined {
  const body = shape.safeParse(typeof response === 'string' ? parseJson(response) : response)
  if (!body.success || body.data.id !== body.data.rawId) return undefined
  const text = Buffer.from(body.data.response.clientDataJSON, 'base64url').toString()
  const client = clientData.safeParse(parseJson(text))
  if (!client.success || client.data.type !== type) return undefined
  return { ...body.data, clientData: client.data }
}

function parseJson(text: string): unknown {
  if (text.length > longestResponse) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
