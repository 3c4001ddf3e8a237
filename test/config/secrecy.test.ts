import test from 'ava'
import { formatProblem, loadConfig } from '../../src/config/load.ts'
import { withFolder } from './folder.ts'

const secret = 'hunter2-hunter2'

/** Ways in which a secret ends up where it breaks something. */
const mishaps: Record<string, string> = {
  'of the wrong kind': `mail: { smtp: [${secret}] }`,
  'of the wrong form': `mail: { smtp: "${secret}" }`,
  'that starts with an asterisk': `mail: { smtp: *${secret} }`,
  'that starts with an exclamation mark': `mail: { smtp: !${secret} }`,
  'that starts with an ampersand': `issuer: https://login.example.com\nmail: { smtp: &${secret} }`,
  'with a colon': `mail: { smtp: ${secret}: ${secret}: }`,
  'with an open quote': `mail:\n  smtp: "${secret}\n`,
  'that starts with a backquote': `mail: { smtp: \`${secret} }`,
  'in a variable of the wrong form': 'mail: { smtp: "${SECRET}" }',
  'in a variable at the wrong place': 'issuer: "${SECRET}"\npasskeys: { rpId: "${SECRET}", origins: ["${SECRET}"] }\ntheme: { accent: "${SECRET}" }\nlocales: ["${SECRET}"]',
  'in a file of the wrong form': 'mail: { smtp_FILE: secret }',
  'of texts, too short': `sms: { url: "https://sms.example.com/", secret: ${secret} }`,
  'in the address of texts': `sms: { url: "http://sms.example.com/${secret}", secret: 12 }`,
  'in the address of texts, in the own network': `issuer: https://login.example.com\nmail: { smtp: smtp://mail }\nsms: { url: "https://10.0.0.1/${secret}", secret: ${secret.repeat(3)} }`,
  'as a reference': `mail: { smtp: "\${${secret}}" }`,
}

for (const [title, server] of Object.entries(mishaps)) {
  test(`no problem repeats a secret ${title}`, async (t) => {
    const client = `client_id: a\nclient_secret: ["${secret}"]\nredirect_uris: ["https://u:${secret}@a.example/"]\ncontacts: ["${secret}"]\n`
    await withFolder({ 'latchkey.yaml': server, secret, 'clients/a.yaml': client }, async (folder) => {
      const outcome = await loadConfig({ folder, env: { SECRET: secret } })
      if (!('problems' in outcome)) return t.fail('no problem found')
      t.true(outcome.problems.some(({ file }) => file.endsWith('latchkey.yaml')))
      t.false(outcome.problems.map(formatProblem).join('\n').includes(secret))
    })
  })
}
