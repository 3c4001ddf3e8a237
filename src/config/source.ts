import { LineCounter, isMap, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Document, Pair, YAMLMap } from 'yaml'
import { formatPath } from './problems.ts'
import type { Finding, Path, Problem } from './problems.ts'
import { slipsIn } from './yaml-slips.ts'

/** One file's settings before they are checked, and where each of them stands. */
export interface Source {
  file: string
  value: unknown
  /** the line of a setting; of the section around it when it is absent */
  lineOf(path: Path): number | undefined
}

/** Settings that come from code instead of a file. */
export function plainSource(file: string, value: unknown): Source {
  return { file, value, lineOf: () => undefined }
}

export function problemIn(source: Source, { path, message, allowed }: Finding): Problem {
  const line = source.lineOf(path)
  return {
    file: source.file,
    ...(line !== undefined && { line }),
    path: formatPath(path),
    message,
    ...(allowed !== undefined && { allowed }),
  }
}

const notSettings: Finding = { path: [], message: 'is not a list of settings', allowed: '"name: value" on each line' }

/**
 * Reads YAML 1.2. An empty value (`mail:` with everything below it commented out) is the same as a missing one. Without
 * a source the file cannot be read at all; beside one, problems are about single settings, which count as missing.
 */
export function yamlSource(file: string, text: string): { source?: Source; problems: Problem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number | undefined) => (offset === undefined ? undefined : lines.linePos(offset).line)

  const source: Source = { file, value: {}, lineOf: (path) => lineAt(offsetOf(document, path) ?? 0) }

  const colours = unquotedColours(document, text).map((path) => problemIn(source, { path, ...unquotedColour }))
  const unreadable = slipsIn(document, text).map(({ at, ...slip }) => {
    const line = lineAt(at)
    return { file, ...(line !== undefined && { line }), path: '', ...slip }
  })
  // a colour that swallows the end of its line makes the parser complain about another one
  if (unreadable.length > 0) return { problems: colours.length > 0 ? colours : unreadable }

  const value = toJs(document)
  if (value === undefined) return { problems: [{ file, path: '', ...unknownAlias }] }
  if (!isRecord(value)) return { problems: [problemIn(source, notSettings)] }
  return { source: { ...source, value: withoutEmpty(value) }, problems: colours }
}

const unknownAlias = { message: 'starts with * and names no anchor', allowed: 'quotes around text that starts with *' }
const unquotedColour = { message: 'is empty, because YAML reads # and the rest of the line as a comment: quote it', allowed: 'quotes around the colour, as in "#3355ff"' }

/** Settings that are empty because their colour was taken for a comment. */
function unquotedColours(document: Document, text: string): Path[] {
  const found: Path[] = []
  visit(document, {
    Scalar(_, { value, comment, range }, ancestors) {
      if (value !== null || !range || !/^([\da-f]{3}){1,2}(?!\w)/i.test(comment ?? '')) return
      const onItsLine = /^[ \t]*#/.test(text.slice(range[0], range[2]))
      if (onItsLine) found.push(ancestors.filter(isPair).map(({ key }) => String(isScalar(key) ? key.value : key)))
    },
  })
  return found
}

/** undefined when an alias names nothing, or so many that the file would explode */
function toJs(document: Document): unknown {
  try {
    return document.contents === null ? {} : document.toJS()
  } catch {
    return undefined
  }
}

function offsetOf(document: Document, path: Path): number | undefined {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const key of path) {
    if (isMap(node)) {
      const pair = pairOf(node, String(key))
      if (!pair) break
      offset = startOf(pair.key)
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = startOf(node) ?? offset
    } else break
  }
  return offset
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  const named = (name: string) => map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name)
  return named(key) ?? named(`${key}_FILE`)
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined
}

function withoutEmpty(value: unknown): unknown {
  if (value === null) return undefined
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const)
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
