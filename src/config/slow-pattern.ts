/** What a pattern may take for a name, ms: far more than any needs, and little beside what a machine does meanwhile. */
const limit = 25
const lengths = [4, 8, 12, 16, 20, 24, 28, 32, 48, 64, 96, 128]
const starts = ['a', '0', '-', '.', '_', 'a0', 'a-', 'a.', 'ab', '0-']

/**
 * Whether a pattern for usernames goes through its choices over and over for a name that does not fit in the end, as
 * `(a+)+` does: everybody may type names. Names grow step by step, so that the first slow one ends it.
 */
export function isSlow(pattern: string): boolean {
  const expression = new RegExp(`^(?:${pattern})$`, 'u')
  return starts.some((start) =>
    ['!', '\n', ''].some((end) => lengths.some((length) => {
      const name = start.repeat(length).slice(0, length) + end
      // every time: a machine under load may stop for as long in between
      return Array.from({ length: 4 }).every(() => took(expression, name) > limit)
    })))
}

/** ms */
function took(expression: RegExp, name: string): number {
  const began = performance.now()
  expression.test(name)
  return performance.now() - began
}
