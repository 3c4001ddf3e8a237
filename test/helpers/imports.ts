import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** One import: from a file of ours (path from the project's root) to another one, or to a package. */
export interface Import {
  from: string
  /** `src/errors.ts`, `koa`, `@koa/router`, `node:fs` */
  to: string
  /** erased before it runs: `import type`, or a JSDoc `import()` */
  typeOnly: boolean
}

const statement = /^[ \t]*(?:import|export)\s+(?<type>type\s)?(?:[\w*{}\s,$]+?\sfrom\s+)?'(?<specifier>[^'\n]+)'/gm
const dynamic = /(?<![\w.])import\(\s*'(?<specifier>[^'\n]+)'\s*\)/g
const jsdoc = /\/\*\*[^]*?\*\//g

/** Every source file of the product, by path from the project's root. */
export function sourceFiles(): string[] {
  return globSync(['src/**/*.{ts,js}', 'views/**/*.{ts,js}']).map(path => normalize(path)).sort()
}

export function importsOf(file: string, text = readFileSync(file, 'utf8')): Import[] {
  const code = text.replace(jsdoc, '')
  const comments = text.match(jsdoc)?.join('\n') ?? ''
  const found = (source: string, pattern: RegExp, typeOnly: boolean) =>
    [...source.matchAll(pattern)].map(({ groups }) => ({
      from: file,
      to: resolve(file, groups?.['specifier'] ?? ''),
      typeOnly: typeOnly || groups?.['type'] !== undefined,
    }))
  return [...found(code, statement, false), ...found(code, dynamic, false), ...found(comments, dynamic, true)]
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(from), specifier)
  if (specifier.startsWith('node:')) return specifier
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
