import { deriveAccent } from '../theme/index.ts'

/** What a colour becomes in light and dark, in the operator's words. */
export function inModes(accent: string, describe: (derived: ReturnType<typeof deriveAccent>) => string): string {
  return (['light', 'dark'] as const).map((mode) => `${mode}: ${describe(deriveAccent(accent, mode))}`).join('; ')
}

/** A colour that had to move far is no longer the one of the brand. */
export function hardToRead(accent: string | undefined): string | undefined {
  if (accent === undefined || (['light', 'dark'] as const).every((mode) => deriveAccent(accent, mode).moved <= 0.1)) return undefined
  return `is hard to read as it is (${accent}); buttons become ${inModes(accent, ({ fill }) => fill)}`
}
