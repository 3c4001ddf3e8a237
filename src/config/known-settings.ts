import { z } from 'zod'
import { formatPath } from './problems.ts'
import type { Path } from './problems.ts'

/** The parts of a JSON Schema that our schemas produce. */
interface Node {
  title?: string
  type?: string
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, Node>
  additionalProperties?: Node | boolean
  propertyNames?: Node
  items?: Node
  /** `#/$defs/…`: conditions hold conditions */
  $ref?: string
  $defs?: Record<string, Node>
}

const trees = new WeakMap<z.ZodType, Node>()

function treeOf(schema: z.ZodType): Node {
  const tree = trees.get(schema) ?? (z.toJSONSchema(schema, { io: 'input' }) as Node)
  trees.set(schema, tree)
  return tree
}

/** What a setting can be, in words for the operator. */
export function allowedAt(schema: z.ZodType, path: Path): string | undefined {
  const node = nodeAt(treeOf(schema), path)
  return node && inWords(node)
}

/** What the names in a section of free names can be. */
export function allowedNameAt(schema: z.ZodType, path: Path): string | undefined {
  return nodeAt(treeOf(schema), path)?.propertyNames?.title
}

/** What an unknown name was probably meant to be, and what else can stand there. */
export function nearestSettings(schema: z.ZodType, path: Path, unknown: string): { suggestion?: string; allowed: string } {
  const tree = treeOf(schema)
  const here = Object.keys(nodeAt(tree, path)?.properties ?? {})
    .map((name) => ({ name, distance: editDistance(name.toLowerCase(), unknown.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const names = here.map(({ name }) => name)
  const allowed = names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ')

  const [nearest] = here
  const isNear = nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(nearest.name.length / 3))
  const meant = isNear ? [...path, nearest.name] : pathOf(tree, unknown)
  return meant ? { suggestion: formatPath(meant), allowed } : { allowed }
}

function nodeAt(root: Node, path: Path): Node | undefined {
  return path.reduce<Node | undefined>((node, key) => {
    if (typeof key === 'number') return resolved(root, node?.items)
    if (node?.properties && Object.hasOwn(node.properties, key)) return resolved(root, node.properties[key])
    return typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined
  }, root)
}

function resolved(root: Node, node: Node | undefined): Node | undefined {
  const name = node?.$ref?.replace('#/$defs/', '')
  return name === undefined ? node : root.$defs?.[name]
}

function pathOf(node: Node, name: string, path: string[] = []): string[] | undefined {
  for (const [key, inner] of Object.entries(node.properties ?? {})) {
    const found = key === name ? [...path, key] : pathOf(inner, name, [...path, key])
    if (found) return found
  }
  return undefined
}

function inWords(node: Node): string | undefined {
  if (node.title) return node.title
  if (node.enum) return node.enum.join(', ')
  if (node.const !== undefined) return String(node.const)
  if (node.type === 'boolean') return 'true or false'
  if (node.type === 'array') return `a list of: ${(node.items && inWords(node.items)) ?? 'values'}`
  if (node.properties) return `a section with ${Object.keys(node.properties).join(', ')}`
  return node.type === 'object' ? 'a section' : undefined
}

/** Optimal string alignment: how many letters to add, drop, change, or swap with their neighbour. */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity
  for (let i = 1; i <= a.length; i++) {
    rows.push([i])
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + changed, swapped))
    }
  }
  return at(a.length, b.length)
}
