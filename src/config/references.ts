import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemCode } from '../errors.ts'
import { formatPath } from './problems.ts'
import type { Finding, Path } from './problems.ts'
import { isRecord } from './source.ts'

export interface Surroundings {
  /** file paths in the config are relative to it */
  folder: string
  env: Record<string, string | undefined>
}

const reference = /\$\{([^}]*\}?)/g
const variableName = /^([A-Za-z_][A-Za-z0-9_]*)\}$/

/**
 * Replaces `${NAME}` by the environment variable NAME, or by the content of the file that NAME_FILE names, and
 * a secret's name with `_FILE` by the secret with that file's content. What cannot be resolved is left out and reported;
 * findings name variables, never contents.
 */
export function resolveReferences(settings: unknown, secrets: readonly string[], { folder, env }: Surroundings): { value: unknown; findings: Finding[] } {
  const findings: Finding[] = []
  const complain = (path: Path, message: string, allowed?: string): undefined => {
    findings.push({ path, message, ...(allowed !== undefined && { allowed }) })
  }

  function readSecret(path: Path, file: string): string | undefined {
    try {
      // editors and `echo` end a file with a line break that is no part of the secret
      return readFileSync(resolve(folder, file), 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      return complain(path, `names a file that cannot be read (${systemCode(error)})`)
    }
  }

  function variable(path: Path, written: string): string | undefined {
    const name = variableName.exec(written)?.[1]
    if (name === undefined) return complain(path, 'has a ${ that is not followed by a name and }', '${NAME} with letters, digits and _')
    const file = env[`${name}_FILE`]
    if (env[name]) return env[name]
    if (file) return readSecret(path, file)
    return complain(path, `needs the environment variable ${name}, which is not set`, `${name}, or ${name}_FILE with the path of a file`)
  }

  function text(path: Path, value: string): string | undefined {
    let complete = true
    const result = value.replace(reference, (_, written: string) => {
      const found = variable(path, written)
      complete &&= found !== undefined
      return found ?? ''
    })
    return complete ? result : undefined
  }

  function section(path: Path, value: Record<string, unknown>): Record<string, unknown> {
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
      const name = key.replace(/_FILE$/, '')
      const isSecretFile = name !== key && secrets.includes(formatPath([...path, name]))
      if (!isSecretFile || typeof inner !== 'string') return [key, resolved([...path, key], inner)]
      if (Object.hasOwn(value, name)) return [key, complain([...path, key], `is set together with ${name}`, 'one of them')]
      const file = text([...path, name], inner)
      return [name, file === undefined ? undefined : readSecret([...path, name], file)]
    })
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
  }

  function resolved(path: Path, value: unknown): unknown {
    if (typeof value === 'string') return text(path, value)
    if (Array.isArray(value)) return value.map((inner, index) => resolved([...path, index], inner))
    return isRecord(value) ? section(path, value) : value
  }

  return { value: resolved([], settings), findings }
}
