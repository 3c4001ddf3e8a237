/** The package's own types describe its CommonJS build, whose default import differs; these are the module's. */
declare module 'escape-html-template-tag' {
  /** Markup that is escaped already. `toString()` gives the text. */
  export class HtmlSafeString {
    private readonly _parts: readonly string[]
    toString(): string
  }
  /** Escapes every substitution unless it is markup; arrays are joined. */
  export default function html(parts: TemplateStringsArray, ...values: unknown[]): HtmlSafeString
  /** Marks text as markup. Only for literals of ours. */
  export function safe(value: string): HtmlSafeString
  export function join(parts: (string | HtmlSafeString)[], separator: string | HtmlSafeString): HtmlSafeString
}
