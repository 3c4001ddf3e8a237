import { type Paths, pathsOf, type Ways } from './pattern-paths.ts'

/** What a pattern may take for a name, ms: far more than any needs, and little beside what a machine does meanwhile. */
const limit = 25
const lengths = [4, 8, 12, 16, 20, 24, 28, 32, 48, 64, 96, 128]
const samples = [...Array.from({ length: 0x180 }, (_, code) => String.fromCodePoint(code)), ...'αωбяשع٣हกあ中가😀·ˆ\u0301\u200d']

/**
 * Whether a pattern for usernames goes through its choices over and over for a name that does not fit in the end, as
 * `(a+)+` does: everybody may type names. What doubles with each character is seen in the pattern itself; what is slow in
 * other ways is found by names that it takes almost. These grow step by step, so that the first slow one ends it.
 */
export function isSlow(pattern: string): boolean {
  const expression = new RegExp(`^(?:${pattern})$`, 'u')
  const paths = pathsOf(pattern)
  if (!paths) return true
  const taken = charactersOf(pattern, paths)
  if (isAmbiguous(paths, taken)) return true
  const ends = ['!', '\n', '', ...samples.filter((character) => !taken.some((all) => all.has(character))).slice(0, 1)]
  return almostFitting(paths, taken).some(([start, again]) =>
    ends.some((end) => lengths.some((length) => {
      const name = start + again.repeat(length).slice(0, length) + end
      // every time: a machine under load may stop for as long in between
      return Array.from({ length: 4 }).every(() => took(expression, name) > limit)
    })))
}

/** What each position takes, of samples and of what the pattern names. */
function charactersOf(pattern: string, { pieces }: Paths): Set<string>[] {
  const named = [...pattern.matchAll(/\\(?:u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|x([\da-fA-F]{2}))/g)].map(([, ...codes]) => String.fromCodePoint(parseInt(codes.find(Boolean) ?? '0', 16)))
  const alphabet = [...new Set([...samples, ...pattern, ...named])]
  const byPiece = new Map(pieces.map((piece) => {
    const expression = new RegExp(`^${piece}$`, 'u')
    return [piece, new Set(alphabet.filter((character) => expression.test(character)))]
  }))
  return pieces.map((piece) => byPiece.get(piece) ?? new Set())
}

/**
 * Whether some text leads from a position back to it on two paths: then there are twice as many with each time it is
 * repeated (exponential degree of ambiguity; Weber and Seidl 1991). Two paths are followed at the same time.
 */
function isAmbiguous({ pieces, next }: Paths, taken: Set<string>[]): boolean {
  const reached = pieces.map((_, from) => closure([from], (one) => next[one]!.keys()))
  const together = (a: number, b: number) => reached[a]!.has(b) && reached[b]!.has(a)
  const rounds = pieces.map((_, from) => [...next[from]!].filter(([to]) => together(from, to)))
  if (rounds.some((ways) => ways.some(([, count]) => count > 1))) return true

  const size = pieces.length
  const before = new Map<number, number[]>()
  const same = pieces.map((_, one) => one * size + one)
  const found = closure(same, (pair) => {
    const [a, b] = [Math.floor(pair / size), pair % size]
    const pairs = rounds[a]!.flatMap(([p]) => rounds[b]!.filter(([q]) => !taken[p]!.isDisjointFrom(taken[q]!)).map(([q]) => Math.min(p, q) * size + Math.max(p, q)))
    for (const to of pairs) before.set(to, [...(before.get(to) ?? []), pair])
    return pairs
  })
  const meet = closure(same, (pair) => before.get(pair) ?? [])
  return [...meet].some((pair) => found.has(pair) && Math.floor(pair / size) !== pair % size)
}

/** What is reached in one step or more. */
function closure(from: Iterable<number>, step: (one: number) => Iterable<number>): Set<number> {
  const found = new Set<number>()
  const seen = new Set(from)
  for (const one of seen) {
    for (const to of step(one)) {
      found.add(to)
      seen.add(to)
    }
  }
  return found
}

/** For each position: a text that leads there, and one that may be repeated from there on. */
function almostFitting({ first, next }: Paths, taken: Set<string>[]): [string, string][] {
  const often = new Map<string, number>()
  for (const all of taken) for (const one of all) often.set(one, (often.get(one) ?? 0) + 1)
  const usual = taken.map((all) => [...all].reduce((best, one) => ((often.get(one) ?? 0) > (often.get(best) ?? 0) ? one : best), [...all][0] ?? ''))
  const starts = shortest(first, next, usual)
  const all = new Map<string, [string, string]>()
  for (const [position, start] of starts) {
    const round = shortest(next[position]!, next, usual).get(position)
    for (const again of [usual[position]!, round ?? '']) if (again !== '') all.set(`${start}\n${again}`, [start, again])
  }
  return [...all.values()]
}

/** For each position a shortest text that leads there, with its own character. */
function shortest(from: Ways, next: Ways[], usual: string[]): Map<number, string> {
  const texts = new Map([...from.keys()].map((position) => [position, usual[position]!]))
  for (const [position, text] of texts) for (const to of next[position]!.keys()) if (!texts.has(to)) texts.set(to, text + usual[to]!)
  return texts
}

/** ms */
function took(expression: RegExp, name: string): number {
  const began = performance.now()
  expression.test(name)
  return performance.now() - began
}
