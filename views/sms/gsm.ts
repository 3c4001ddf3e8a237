/** GSM 03.38: what a text message is written in, 7 bits a character; the others make the whole message cost twice as much. */
const basic = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà')
const extended = new Set('^{}\\[~]|€')

/** One message takes so many. */
export const oneMessage = 160

/** How much room a text takes in GSM characters; Infinity when it needs others. */
export function gsmLength(text: string): number {
  return [...text].reduce((sum, character) => sum + (basic.has(character) ? 1 : extended.has(character) ? 2 : Infinity), 0)
}

/** The first text that fits into one message; where none does (a name has other characters), the last and shortest. */
export function firstThatFits(texts: readonly [...string[], string]): string {
  return texts.find((text) => gsmLength(text) <= oneMessage) ?? (texts.at(-1) as string)
}
