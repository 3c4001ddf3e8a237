import { isCollection, isScalar, visit } from 'yaml'
import type { Document, YAMLParseError } from 'yaml'
import type { Problem } from './problems.ts'

/** What is wrong in a file that is no YAML, and where (offset into its text). */
export type Slip = Pick<Problem, 'message' | 'allowed'> & { at: number }

const quotes = (what: string): string => `quotes around ${what}`
const indented = { message: 'is indented differently from its section' }

/**
 * The first thing that stops the parser, in words: the rest of its complaints are about what comes after. Names that are
 * set twice stop nothing, so each is told. The parser's own messages quote the file, and what they quote may be a secret.
 */
export function slipsIn(document: Document, text: string): Slip[] {
  const errors = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])
  const first = errors.findIndex(({ code }) => code !== 'DUPLICATE_KEY')
  return errors.slice(0, first < 0 ? undefined : first + 1).map((error) => ({ at: error.pos[0], ...slip(error, document, text) }))
}

function slip({ code, pos: [at], message }: YAMLParseError, document: Document, text: string): Omit<Slip, 'at'> & { at?: number } {
  switch (code) {
    case 'DUPLICATE_KEY': return { message: 'sets the same name a second time' }
    case 'TAB_AS_INDENT': return { message: 'is indented with a tab', allowed: 'spaces' }
    case 'MULTIPLE_DOCS': return { message: 'starts a second document', allowed: 'one document in a file' }
    case 'BAD_ALIAS': return { message: 'starts with * and names no anchor', allowed: quotes('text that starts with *') }
    case 'TAG_RESOLVE_FAILED': return { message: 'starts with ! and names no known tag', allowed: quotes('text that starts with !') }
    case 'BAD_SCALAR_START': return { message: 'starts with a character that means something in YAML', allowed: quotes('such text') }
    case 'BAD_DQ_ESCAPE': return { message: 'has a \\ in double quotes', allowed: 'single quotes, or two \\' }
    case 'UNEXPECTED_TOKEN': return { message: 'goes on after its value has ended', allowed: 'one value, in quotes where it has special characters' }
    case 'BAD_INDENT': return message.startsWith('Flow') ? unclosed(document, at, 'a bracket') : indented
    case 'MISSING_CHAR': {
      if (message.includes('quote')) return unclosed(document, at, 'a quote')
      return /[}\]]/.test(message) ? unclosed(document, at, 'a bracket') : noYaml
    }
    case 'BLOCK_AS_IMPLICIT_KEY': return colonOrIndent(text, at)
    case 'MULTILINE_IMPLICIT_KEY': return { message: 'has no colon after a name', allowed: '"name: value"' }
    default: return noYaml
  }
}

const noYaml = { message: 'is not YAML', allowed: quotes('text with special characters') }

/** The parser notices at the end of what was never closed; it began further up. */
function unclosed(document: Document, noticed: number, what: 'a quote' | 'a bracket'): Omit<Slip, 'at'> & { at?: number } {
  let at: number | undefined
  visit(document, {
    Node(_, node) {
      const opens = what === 'a quote' ? isScalar(node) && String(node.type).startsWith('QUOTE') : isCollection(node) && node.flow
      const [start, , end] = node.range ?? [Infinity, 0, 0]
      if (opens && start <= noticed && noticed <= end) at = start
    },
  })
  return { message: `opens ${what} that is not closed`, ...(at !== undefined && { at }) }
}

/** A second colon in the line, or a next line that stands too far to the right: the parser says the same of both. */
function colonOrIndent(text: string, at: number): Omit<Slip, 'at'> & { at?: number } {
  const end = text.indexOf('\n', at)
  const line = end < 0 ? text.slice(at) : text.slice(at, end)
  if (line.includes(': ') || end < 0) return { message: 'has a second colon in its value', allowed: quotes('text with a colon and a blank') }
  return { ...indented, at: end + 1 }
}
