import { z } from 'zod'
import { allowedAt, allowedNameAt, nearestSettings } from './known-settings.ts'
import { isWithin } from './problems.ts'
import type { Finding, Path } from './problems.ts'
import { isRecord } from './source.ts'

/**
 * Applies a schema and adds what is wrong to `findings`. The result is complete even then, with defaults in place of
 * wrong settings, so that the others can still be checked; undefined when a required setting is wrong.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, findings: Finding[]): z.output<Schema> | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data

  const found = result.error.issues.flatMap((issue) => describeIssue(schema, issue, value))
  for (const finding of found) {
    // one sentence for each setting: the first check that fails says most
    if (!findings.some(({ path }) => isWithin(finding.path, path))) findings.push(finding)
  }
  return schema.safeParse(without(value, found.map(({ path }) => path))).data
}

type Issue = z.core.$ZodIssue

function describeIssue(schema: z.ZodType, issue: Issue, value: unknown): Finding[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const { suggestion, allowed } = nearestSettings(schema, path, key)
      const message = suggestion ? `is not a known setting, did you mean ${suggestion}?` : 'is not a known setting'
      return { path: [...path, key], message, allowed }
    })
  }
  const allowed = issue.code === 'invalid_key' ? allowedNameAt(schema, path.slice(0, -1)) : allowedAt(schema, path)
  return [{ path, message: sentence(issue, valueAt(value, path)), ...(allowed !== undefined && { allowed }) }]
}

/** Says what is wrong without repeating the value, which may be a secret in the wrong place. */
function sentence(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return 'is missing'
      return issue.expected === 'string' && typeof value === 'number' ? 'is a number: put it in quotes' : `is ${kindOf(value)}`
    case 'invalid_value': return 'is not one of the known values'
    case 'too_small': return issue.origin === 'string' || issue.origin === 'array' ? 'is empty or too short' : 'is too small'
    case 'too_big': return issue.origin === 'string' || issue.origin === 'array' ? 'is too long' : 'is too large'
    case 'invalid_key': return issue.issues[0]?.message ?? 'is not a known name'
    default: return issue.message
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'a section with settings of its own'
  switch (typeof value) {
    case 'string': return 'text'
    case 'number': return Number.isInteger(value) ? 'a number' : 'a number with decimals'
    case 'boolean': return 'true or false'
    default: return 'of another kind'
  }
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined), value)
}

/** A copy without the given settings. Of a list with a wrong item nothing is kept: half a list is another list. */
function without(value: unknown, paths: Path[]): unknown {
  const copy = structuredClone(value)
  for (const path of paths) {
    const firstIndex = path.findIndex((key) => typeof key === 'number')
    const setting = firstIndex === -1 ? path : path.slice(0, firstIndex)
    const parent = valueAt(copy, setting.slice(0, -1))
    const key = setting.at(-1)
    if (isRecord(parent) && key !== undefined) delete parent[key]
  }
  return copy
}
