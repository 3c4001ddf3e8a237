import type { Capabilities } from './intelligence.ts'

const nothing: Capabilities = { script: false, webauthn: false, platform: false }

/**
 * What script wrote into the hidden field; without it there was no script. Nothing but yes and no is taken, and a browser
 * that does not say whether it reaches a phone may. Never trusted beyond what is offered.
 */
export function readCapabilities(text: string | undefined): Capabilities {
  const found = parsed(text)
  if (!found) return nothing
  const is = (name: keyof Capabilities) => found[name] === true
  const { hybrid } = found
  return {
    script: true, webauthn: is('webauthn'), platform: is('platform'), conditional: is('conditional'), immediate: is('immediate'),
    ...(typeof hybrid === 'boolean' && { hybrid }),
  }
}

function parsed(text = ''): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(0, longest) || 'null')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const longest = 1000
