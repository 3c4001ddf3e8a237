import { createReadStream } from 'node:fs'

/** bytes: far more than a person needs; what has no line breaks must not be read into memory as one line */
const longest = 64 * 1024

/** `number` from 1. `text`: undefined for a line that is too long, or is not UTF-8. */
export interface Line {
  number: number
  text: string | undefined
}

/** The lines of a file, one after another, without those that hold nothing. Rejects as reading the file does. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let number = 1
  let rest: Buffer[] = []
  let length = 0
  const take = (): Line => {
    const bytes = Buffer.concat(rest)
    const line = { number, text: length > longest ? undefined : decoded(bytes) }
    number += 1
    rest = []
    length = 0
    return line
  }
  const add = (part: Buffer): void => {
    length += part.length
    if (length <= longest) rest.push(part)
    else rest = []
  }
  for await (const chunk of createReadStream(file)) {
    const bytes = chunk as Buffer
    let start = 0
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      add(bytes.subarray(start, end))
      start = end + 1
      const line = take()
      if (line.text?.trim() !== '') yield line
    }
    // A copy: what is left over must not keep the whole chunk.
    add(Buffer.from(bytes.subarray(start)))
  }
  const last = take()
  if (last.text?.trim() !== '') yield last
}

/** Without the mark that some editors begin a file with. */
function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
