import type { Condition, Test } from '../policy/rules.ts'
import { signals, type SignalName } from '../policy/signals.ts'
import { rankOf } from '../policy/types.ts'
import type { WrittenCondition } from './policy-schema.ts'
import type { Path } from './problems.ts'
import { isRecord } from './source.ts'

/** One comparison, and where it is written. */
export interface Leaf {
  path: Path
  signal: SignalName
  value: unknown
}

/** What a condition consists of, in the order in which it is written; a part without any of them says nothing. */
export interface Anatomy {
  leaves: Leaf[]
  empty: Path[]
}

const isSignal = (name: string): name is SignalName => Object.hasOwn(signals, name)

export function anatomy(condition: WrittenCondition, path: Path): Anatomy {
  const parts = Object.entries(condition).map(([key, value]): Anatomy => {
    const here = [...path, key]
    if (key === 'all' || key === 'any') return join((value as WrittenCondition[]).map((inner, index) => anatomy(inner, [...here, index])))
    if (key === 'not') return anatomy(value as WrittenCondition, here)
    return isSignal(key) ? leaf(here, key, value) : join(ofSection(key, value).map(([name, inner, own]) => leaf([...here, own], name, inner)), here)
  })
  return join(parts, path)
}

/** `inFile` of domains, wherever it stands. */
export function listsOf(condition: WrittenCondition, path: Path): { path: Path; name: string }[] {
  return anatomy(condition, path).leaves.flatMap((leaf) =>
    isRecord(leaf.value) && typeof leaf.value['inFile'] === 'string' ? [{ path: [...leaf.path, 'inFile'], name: leaf.value['inFile'] }] : [])
}

/** From what is written and checked to what is asked. */
export function compile(condition: WrittenCondition, domains: (list: string) => ReadonlySet<string>): Condition {
  const parts = Object.entries(condition).flatMap(([key, value]): Condition[] => {
    if (key === 'all') return (value as WrittenCondition[]).map((inner) => compile(inner, domains))
    if (key === 'any') return [{ any: (value as WrittenCondition[]).map((inner) => compile(inner, domains)) }]
    if (key === 'not') return [{ not: compile(value as WrittenCondition, domains) }]
    if (isSignal(key)) return [{ signal: key, test: testOf(key, value, domains) }]
    return ofSection(key, value).map(([signal, inner]) => ({ signal, test: testOf(signal, inner, domains) }))
  })
  return parts.length === 1 && parts[0] ? parts[0] : { all: parts }
}

function ofSection(section: string, value: unknown): [name: SignalName, value: unknown, own: string][] {
  return Object.entries(value as Record<string, unknown>).map(([own, inner]) => [`${section}.${own}` as SignalName, inner, own])
}

function testOf(signal: SignalName, value: unknown, domains: (list: string) => ReadonlySet<string>): Test {
  const { kind } = signals[signal]
  if (kind === 'flag') return { is: value === true }
  if (kind === 'word' || kind === 'words') {
    const listed = isRecord(value) ? domains(String(value['inFile'])) : new Set([value].flat().map(String))
    return signal === 'domain' ? { domainIn: listed } : { oneOf: listed }
  }
  const { atLeast, below } = value as { atLeast?: number | string; below?: number | string }
  const number = (bound: number | string) => (typeof bound === 'number' ? bound : rankOf(bound))
  return { ...(atLeast !== undefined && { atLeast: number(atLeast) }), ...(below !== undefined && { below: number(below) }) }
}

function leaf(path: Path, signal: SignalName, value: unknown): Anatomy {
  const says = !isRecord(value) || Object.keys(value).length > 0
  return { leaves: says ? [{ path, signal, value }] : [], empty: says ? [] : [path] }
}

function join(parts: Anatomy[], path?: Path): Anatomy {
  return {
    leaves: parts.flatMap(({ leaves }) => leaves),
    empty: parts.length === 0 && path ? [path] : parts.flatMap(({ empty }) => empty),
  }
}
