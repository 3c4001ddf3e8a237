/** How a pattern goes through a name: each place of it that takes a character (Glushkov's positions), and what may come next. */
export interface Paths {
  /** of each position, the piece of the pattern that takes its character: `a`, `[a-z]`, `\d` */
  pieces: string[]
  first: Ways
  /** `next[p]`: what may follow position p */
  next: Ways[]
}

/** positions, with in how many ways (1, or 2 for more) one gets there */
export type Ways = Map<number, number>

interface Part {
  /** in how many ways it takes nothing at all */
  empty: number
  first: Ways
  last: Ways
}

/** A pattern that is so large is for no name of 128 characters. */
const mostPositions = 1000
const longest = 128
/** A number of repetitions that varies by more is as good as any number. */
const anyNumber = 9

const nothing: Part = { empty: 1, first: new Map(), last: new Map() }
const never: Part = { ...nothing, empty: 0 }
const more = (a: number, b: number): number => Math.min(2, a + b)
const optional = (part: Part): Part => ({ ...part, empty: 1 })
const either = (a: Part, b: Part): Part => ({ empty: more(a.empty, b.empty), first: sum(a.first, b.first), last: sum(a.last, b.last) })

function sum(a: Ways, b: Ways, times = 1): Ways {
  const all = new Map(a)
  if (times > 0) for (const [position, ways] of b) all.set(position, more(all.get(position) ?? 0, ways * times))
  return all
}

/** `pattern` is one that the engine takes with the flag `u`. undefined: too large. */
export function pathsOf(pattern: string): Paths | undefined {
  const pieces: string[] = []
  const next: Ways[] = []
  let at = 0

  function connect(from: Ways, to: Ways): void {
    for (const [position, ways] of from) next[position] = sum(next[position] ?? new Map(), to, ways)
  }
  function join(a: Part, b: Part): Part {
    connect(a.last, b.first)
    return { empty: Math.min(2, a.empty * b.empty), first: sum(a.first, b.first, a.empty), last: sum(b.last, a.last, b.empty) }
  }
  function loop(part: Part): Part {
    connect(part.last, part.first)
    return part
  }
  function take(piece: string): Part {
    const position = pieces.push(piece) - 1
    next[position] = new Map()
    return { empty: 0, first: new Map([[position, 1]]), last: new Map([[position, 1]]) }
  }
  /** Reads on by a sticky expression. */
  function read(expression: RegExp): RegExpExecArray | null {
    const sticky = new RegExp(expression.source, 'uy')
    sticky.lastIndex = at
    const found = sticky.exec(pattern)
    if (found) at = sticky.lastIndex
    return found
  }

  function choice(): Part {
    let all = sequence()
    while (read(/\|/)) all = either(all, sequence())
    return all
  }
  function sequence(): Part {
    let all = nothing
    while (at < pattern.length && !/[|)]/.test(pattern[at]!)) all = join(all, repeated())
    return all
  }

  /** Each repetition is read anew, so that it has positions of its own. */
  function repeated(): Part {
    const start = at
    const once = () => {
      at = start
      return pieces.length > mostPositions ? never : atom()
    }
    const kept = pieces.length
    const part = atom()
    const quantifier = read(/(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/)
    if (!quantifier) return part
    const end = at
    const [text, low, comma, high] = quantifier
    const least = low === undefined ? (text.startsWith('+') ? 1 : 0) : Math.min(Number(low), longest)
    const most = low === undefined ? (text.startsWith('?') ? 1 : Infinity) : comma === '' ? least : high === '' ? Infinity : Math.min(Number(high), longest)
    // What was read to find the quantifier is read again.
    pieces.length = kept
    next.length = kept
    let all = nothing
    const unbounded = most - least > anyNumber
    for (let n = 0; n < (unbounded ? least - 1 : least); n += 1) all = join(all, once())
    if (unbounded) all = join(all, least > 0 ? loop(once()) : optional(loop(once())))
    else {
      let rest = nothing
      for (let n = least; n < most; n += 1) rest = optional(join(once(), rest))
      all = join(all, rest)
    }
    at = end
    return all
  }

  function atom(): Part {
    if (read(/[\^$]|\\[bB]/)) return nothing
    const group = read(/\((\?(?:<?[=!]|<[^>]*>|[\-ims]*:))?/)
    if (group) {
      const part = choice()
      read(/\)/)
      // What is only looked at takes nothing; its own paths were noted.
      return /^\?<?[=!]/.test(group[1] ?? '') ? nothing : part
    }
    // What was found before, again: anything, as far as is known here.
    if (read(/\\(?:[1-9]\d*|k<[^>]*>)/)) return optional(loop(take(String.raw`[\s\S]`)))
    const found = read(/\[(?:[^\]\\]|\\.)*\]|\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|.)|[\s\S]/)
    return found ? take(found[0]) : nothing
  }

  const { first } = choice()
  return pieces.length > mostPositions ? undefined : { pieces, first, next }
}
