import type { PageContext } from '../page.ts'

/** "12 minutes": a wait in the largest unit that says it well, rounded up. */
export function wait({ t }: PageContext, seconds: number): string {
  if (seconds < 90) return t('page.seconds', { n: Math.max(1, Math.ceil(seconds)) })
  if (seconds < 90 * 60) return t('page.minutes', { n: Math.ceil(seconds / 60) })
  return t('page.hours', { n: Math.ceil(seconds / 3600) })
}
