/** Where a setting is: `['redirect_uris', 0]` */
export type Path = readonly (string | number)[]

/** Something wrong in one source, before file and line are known. */
export interface Finding {
  path: Path
  /** what is wrong, continuing "server.port …" */
  message: string
  /** what would be right */
  allowed?: string
}

/** One thing that is wrong with the config, for the operator. It never holds the value of a setting that can be a secret. */
export interface Problem {
  /** as the operator would type it, or `environment` */
  file: string
  /** from 1 */
  line?: number
  /** `passkeys.prompts.growth`, `redirect_uris[0]`; empty for the file as a whole */
  path: string
  /** what is wrong */
  message: string
  allowed?: string
}

/** `config/latchkey.yaml:7  server.port  is too large (allowed: a whole number from 1 to 65535)` */
export function formatProblem({ file, line, path, message, allowed }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`
  const expectation = allowed === undefined ? '' : ` (allowed: ${allowed})`
  return [place, path, message].filter(Boolean).join('  ') + expectation
}

/** Sorted by line; files stay in the order in which they were read. */
export function inReadingOrder(problems: Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))]
  const rank = ({ file }: Problem) => files.indexOf(file)
  return problems.toSorted((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0))
}

export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    if (!/^[\w-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** Whether `path` is `other`, or a setting inside it. */
export function isWithin(path: Path, other: Path): boolean {
  return other.every((key, index) => path[index] === key)
}
