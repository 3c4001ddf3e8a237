/** Files that are no YAML, or say in YAML what nobody meant. */
import { yaml } from './folder.ts'
import { testProblems } from './problem-table.ts'

const quoteIt = 'is empty, because YAML reads # and the rest of the line as a comment: quote it'

testProblems({
  'a quote that is not closed': {
    server: yaml`
      issuer: "http://localhost:3000
      server: { port: 3000 }
      locales: [en]
    `,
    problems: [['latchkey.yaml', 1, '', 'opens a quote that is not closed', undefined]],
  },
  'a bracket that is not closed': {
    server: yaml`
      issuer: http://localhost:3000
      server: { port: 3000
      locales: [en]
      theme: { name: Example }
    `,
    problems: [['latchkey.yaml', 2, '', 'opens a bracket that is not closed', undefined]],
  },
  'a bracket too many': {
    server: yaml`
      server: { port: 3000 }}
      locales: [en]
    `,
    problems: [['latchkey.yaml', 1, '', 'goes on after its value has ended', 'one value, in quotes where it has special characters']],
  },
  'a name without a colon': {
    server: yaml`
      issuer: http://localhost:3000
      server
        port: 3000
    `,
    problems: [['latchkey.yaml', 2, '', 'has no colon after a name', '"name: value"']],
  },
  'a line too far to the right': {
    server: yaml`
      server:
        port: 3000
         metricsPort: 9000
      locales: [en]
    `,
    problems: [['latchkey.yaml', 3, '', 'is indented differently from its section', undefined]],
  },
  'a second colon': {
    server: yaml`
      theme:
        name: Example: the best
      locales: [en]
    `,
    problems: [['latchkey.yaml', 2, '', 'has a second colon in its value', 'quotes around text with a colon and a blank']],
  },
  'text that starts with a sign': {
    server: yaml`
      theme: { name: Example }
      mail: { from: @example }
    `,
    problems: [['latchkey.yaml', 2, '', 'starts with a character that means something in YAML', 'quotes around such text']],
  },
  'a backslash in double quotes': {
    server: yaml`
      theme: { logo: "C:\logo.svg" }
    `,
    problems: [['latchkey.yaml', 1, '', 'has a \\ in double quotes', 'single quotes, or two \\']],
  },
  'two names twice and then no YAML': {
    server: yaml`
      locales: [en]
      locales: [de]
      theme: {
    `,
    problems: [
      ['latchkey.yaml', 2, '', 'sets the same name a second time', undefined],
      ['latchkey.yaml', 3, '', 'opens a bracket that is not closed', undefined],
    ],
  },
  'a list instead of settings': {
    server: '- issuer\n',
    problems: [['latchkey.yaml', 1, '', 'is not a list of settings', '"name: value" on each line']],
  },
  'a setting twice': {
    server: yaml`
      locales: [en]
      locales: [de]
    `,
    problems: [['latchkey.yaml', 2, '', 'sets the same name a second time', undefined]],
  },
  'a tab': {
    server: 'server:\n\tport: 3000\n',
    problems: [['latchkey.yaml', 2, '', 'is indented with a tab', 'spaces']],
  },
  'two documents': {
    server: 'locales: [en]\n---\nlocales: [de]\n',
    problems: [['latchkey.yaml', 2, '', 'starts a second document', 'one document in a file']],
  },
  'a colour without quotes': {
    server: yaml`
      theme:
        accent: #118844
        name: Example
    `,
    problems: [['latchkey.yaml', 2, 'theme.accent', quoteIt, 'quotes around the colour, as in "#3355ff"']],
  },
  'a colour without quotes that swallows a bracket': {
    server: yaml`
      theme: { name: Example, accent: #118844 }
      locales: [en]
    `,
    problems: [['latchkey.yaml', 1, 'theme.accent', quoteIt, 'quotes around the colour, as in "#3355ff"']],
  },
  'a colour without quotes, of a client': {
    clients: { 'job.yaml': 'client_id: job\ngrant_types: [client_credentials]\nclient_secret: x\nlatchkey:\n  theme:\n    accent: #184\n' },
    problems: [['clients/job.yaml', 6, 'latchkey.theme.accent', quoteIt, 'quotes around the colour, as in "#3355ff"']],
  },
})
