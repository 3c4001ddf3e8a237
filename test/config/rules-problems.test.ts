import { yaml } from './folder.ts'
import { durations, testProblems } from './problem-table.ts'

const rules = (text: string) => ({ files: { 'policy/rules.yaml': text } })
const file = 'policy/rules.yaml'
const oneOf = (names: string) => `one of ${names}, or a list of them`
const events = oneOf('sign_up, sign_in, prompt, enrolment, change, recovery, admin_access')
const outcomes = oneOf('allow, challenge, notify, suppress_prompt, deny')
const names = 'small letters, digits and dashes, up to 60'
const known = 'signals that are known at each event of the rule'

testProblems({
  'rules: every problem of every rule at once': {
    ...rules(yaml`
      rules:
        - name: First Rule
          on: signin
          when: { device: { recognized: false } }
          then: denny
          because: x
        - name: second
          on: [sign_in, sing_up]
          when: { devise: { known: false }, failures: { account: 5 } }
          then: deny
          becuase: x
        - on: sign_in
          then: deny
    `),
    problems: [
      [file, 2, 'rules[0].name', 'is not a name', names],
      [file, 3, 'rules[0].on', 'is not one of the events, nor a list of them', events],
      [file, 4, 'rules[0].when.device.recognized', 'is not a known setting, did you mean when.device.recognised?', 'recognised, known, age'],
      [file, 5, 'rules[0].then', 'is not one of the outcomes, nor a list of them', outcomes],
      [file, 7, 'rules[1].because', 'is missing', 'text on one line, 1 to 300 characters'],
      [file, 8, 'rules[1].on', 'is not one of the events, nor a list of them', events],
      [file, 9, 'rules[1].when.failures.account', 'is a number', 'atLeast, below or both: whole numbers from 0 to 50'],
      [file, 9, 'rules[1].when.devise', 'is not a known setting, did you mean when.device?', 'device, domain, change, browser, all, any, not, client, …'],
      [file, 11, 'rules[1].becuase', 'is not a known setting, did you mean because?', 'because, name, ask, on, when, then'],
      [file, 12, 'rules[2].name', 'is missing', names],
      [file, 12, 'rules[2].when', 'is missing', 'a section with all, any, not, client, domain, country, change, browser, failures, network, device, account, proof'],
      [file, 12, 'rules[2].because', 'is missing', 'text on one line, 1 to 300 characters'],
    ],
  },
  'rules: values of signals': {
    ...rules(yaml`
      rules:
        - name: values
          on: sign_in
          when:
            any:
              - device: { recognised: "no" }
              - browser: { family: Crome }
              - browser: { platform: [Windows, Amiga] }
              - country: gb
              - country: [GB, 4]
              - failures: { network: { atLeast: 51 } }
              - account: { age: { below: a week } }
              - account: { reach: { atleast: phr } }
              - proof: { level: { below: phrr } }
              - domain: Example.com
              - not: { not: { not: { browser: { inApp: 1 } } } }
          then: deny
          because: x
    `),
    problems: [
      [file, 6, 'rules[0].when.any[0].device.recognised', 'is text', 'true or false'],
      [file, 7, 'rules[0].when.any[1].browser.family', 'is not one of the known values, nor a list of them', 'one of Chrome, Edge, Firefox, Opera, Safari, Samsung Internet, other, or a list: one of them is enough'],
      [file, 8, 'rules[0].when.any[2].browser.platform', 'is not one of the known values, nor a list of them', 'one of Android, Chrome OS, iPad, iPhone, Linux, Mac, Windows, other, or a list: one of them is enough'],
      [file, 9, 'rules[0].when.any[3].country', 'is not the code of a country', 'two capital letters (ISO 3166), as in GB, XX for a country that is not known, or a list: one of them is enough'],
      [file, 10, 'rules[0].when.any[4].country', 'is not one of the known values, nor a list of them', 'two capital letters (ISO 3166), as in GB, XX for a country that is not known, or a list: one of them is enough'],
      [file, 11, 'rules[0].when.any[5].failures.network.atLeast', 'is too large', 'a whole number from 0 to 50'],
      [file, 12, 'rules[0].when.any[6].account.age.below', 'is not a duration', durations('1s', '3650d')],
      [file, 13, 'rules[0].when.any[7].account.reach.atleast', 'is not a known setting, did you mean when.any[7].account.reach.atLeast?', 'atLeast, below'],
      [file, 14, 'rules[0].when.any[8].proof.level.below', 'is not one of the known values', 'urn:latchkey:acr:recovery, urn:latchkey:acr:1fa, urn:latchkey:acr:mfa, phr'],
      [file, 15, 'rules[0].when.any[9].domain', 'is not a domain in lower case', 'a domain, a list of them, or { inFile: path of a list, relative to the config folder }; each counts with everything below it'],
      [file, 16, 'rules[0].when.any[10].not.not.not.browser.inApp', 'is a number', 'true or false'],
    ],
  },
  'rules: what contradicts itself': {
    ...rules(yaml`
      rules:
        - name: same
          on: sign_up
          when: { device: { known: false }, account: { age: { below: 7d } } }
          then: deny
          because: x
        - name: same
          on: [sign_in, sign_up]
          when: { failures: { account: { atLeast: 5, below: 5 } }, domain: a.example }
          then: [notify, suppress_prompt]
          because: x
        - name: empty
          on: sign_in
          when: { all: [{}], not: { device: {} }, failures: { account: {} } }
          then: challenge
          because: x
        - name: idle
          on: sign_in
          when: { client: shpo, change: add_method }
          then: deny
          ask: { level: phr }
          because: x
        - name: beyond
          on: admin_access
          when: { proof: { level: { below: "urn:latchkey:acr:recovery" } } }
          then: challenge
          ask: { level: phr, methods: [email_otp] }
          because: x
        - name: nothing-to-ask
          on: admin_access
          when: { proof: { level: { atLeast: phr, below: phr } } }
          then: challenge
          ask: {}
          because: x
    `),
    clients: { 'shop.yaml': 'client_id: shop\ngrant_types: [client_credentials]\nclient_secret: 0123456789abcdef0123456789abcdef\n' },
    problems: [
      [file, 4, 'rules[0].when.device.known', 'is not known at sign_up', known],
      [file, 4, 'rules[0].when.account.age', 'is not known at sign_up', known],
      [file, 7, 'rules[1].name', 'is the name of a rule above', 'a name of its own for each rule'],
      [file, 8, 'rules[1].on[1]', 'has no use for notify and suppress_prompt (there is allow, deny)', undefined],
      [file, 9, 'rules[1].when.failures.account', 'holds for nothing', 'atLeast below what stands under below'],
      [file, 10, 'rules[1].then[1]', 'means nothing at sign_in and sign_up (it does at prompt)', undefined],
      [file, 12, 'rules[2].ask', 'is missing: challenge has to say what it asks for', 'ask with level, methods or both'],
      [file, 14, 'rules[2].when.all[0]', 'says nothing', 'at least one signal'],
      [file, 14, 'rules[2].when.not.device', 'says nothing', 'at least one signal'],
      [file, 14, 'rules[2].when.failures.account', 'says nothing', 'at least one signal'],
      [file, 19, 'rules[3].when.change', 'is not known at sign_in', known],
      [file, 19, 'rules[3].when.client', 'is no app here, did you mean shop?', 'the client_id of a file in clients'],
      [file, 21, 'rules[3].ask', 'is set, but nothing is asked for', 'ask together with then: challenge'],
      [file, 25, 'rules[4].when.proof.level', 'holds for nothing', 'atLeast below what stands under below'],
      [file, 27, 'rules[4].ask.methods', 'cannot reach phr: only a passkey does', 'methods of which one reaches the level, or no level'],
      [file, 31, 'rules[5].when.proof.level', 'holds for nothing', 'atLeast below what stands under below'],
      [file, 33, 'rules[5].ask', 'says nothing', 'ask with level, methods or both'],
    ],
  },
  'rules: lists of domains': {
    files: {
      'policy/rules.yaml': yaml`
        rules:
          - name: missing
            on: sign_up
            when: { domain: { inFile: policy/missing.txt } }
            then: deny
            because: x
          - name: wrong
            on: sign_up
            when: { any: [{ domain: { inFile: policy/list.txt } }, { domain: { inFile: policy/list.txt } }] }
            then: deny
            because: x
      `,
      'policy/list.txt': '# a comment\nGood.example # fine\n\n@bad.example\nhttps://bad.example/\n',
    },
    problems: [
      [file, 4, 'rules[0].when.domain.inFile', 'names a file that cannot be read (ENOENT)', 'the path of a list of domains, relative to the config folder'],
      ['policy/list.txt', 4, '', 'is not a domain', 'a domain on each line, as in example.com; # starts a comment'],
      ['policy/list.txt', 5, '', 'is not a domain', 'a domain on each line, as in example.com; # starts a comment'],
    ],
  },
  'rules: not rules at all': {
    ...rules('- name: x\n'),
    problems: [[file, 1, '', 'is not a list of settings', '"name: value" on each line']],
  },
  'rules: nothing written': {
    ...rules('# rules:\n'),
    problems: [[file, 1, 'rules', 'is missing', 'a list of rules; [] for none']],
  },
  'rules: not a list': {
    ...rules('rules: { name: x }\nrule: 1\n'),
    problems: [
      [file, 1, 'rules', 'is a section with settings of its own', 'a list of rules; [] for none'],
      [file, 2, 'rule', 'is not a known setting, did you mean rules?', 'rules'],
    ],
  },
  'rules: not YAML': {
    ...rules('rules: [\n'),
    problems: [[file, 1, '', 'opens a bracket that is not closed', undefined]],
  },
  'rules: files that would be ignored': {
    files: { 'policy/rules.yml': 'rules: []\n', 'policy/more.yaml': 'rules: []\n' },
    problems: [
      ['policy/rules.yml', undefined, '', 'would be ignored', 'names that end in .yaml'],
      ['policy/more.yaml', undefined, '', 'would be ignored', 'rules in policy/rules.yaml'],
    ],
  },
  'rules and settings together': {
    server: 'locales: [fr]\n',
    ...rules('rules: [x]\n'),
    problems: [
      ['latchkey.yaml', 1, 'locales[0]', 'is not one of the known values', 'en, de'],
      [file, 1, 'rules[0]', 'is text', 'a section with name, on, when, then, ask, because'],
    ],
  },
})
