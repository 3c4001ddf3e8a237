export interface Outcome {
  title: string
  result: 'passed' | 'failed' | 'skipped'
  reason?: string
}

const testLine = /^(?<not>not )?ok \d+ - (?<title>.*?)(?: # (?<directive>SKIP|TODO)\b.*)?$/

/**
 * Reads AVA's TAP output. A passing test becomes one line for `print`; a failing one also keeps the details that
 * follow it.
 */
export async function readTap(lines: AsyncIterable<string>, print: (line: string) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for await (const line of lines) {
    const { not, title, directive } = testLine.exec(line)?.groups ?? {}
    if (title !== undefined) {
      const result = directive ? 'skipped' : not ? 'failed' : 'passed'
      print(`${{ passed: '✔', failed: '✘', skipped: '-' }[result]} ${title}`)
      outcomes.push({ title, result, ...(directive && { reason: 'marked in its file' }) })
    } else if (/^\s/.test(line)) {
      print(line)
    }
  }
  return outcomes
}
