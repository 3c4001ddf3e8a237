import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ProofMethod } from '../policy/types.ts'
import type { AccountTally, Channel } from '../storage/types.ts'
import { createBoundedCounter } from './bounded-counter.ts'

type CodeOutcome = 'ok' | 'wrong' | 'gone' | 'budget'
type SendOutcome = 'sent' | 'too_early' | 'send_limit'

export interface Metrics {
  /** one finished request: the hook of `requestLog` */
  request(request: { method: string; route: string; status: number; seconds: number }): void
  login(method: ProofMethod): void
  signUp(): void
  codeSent(outcome: SendOutcome): void
  codeChecked(outcome: CodeOutcome): void
  /** each label one of a list of literals, never input */
  passkeyCeremony(labels: Record<CeremonyLabel, string>): void
  /** what became of an offer to create a passkey, and after what it came */
  passkeyOffer(outcome: string, occasion: string): void
  /** a browser's report that was not kept, since too many came */
  passkeyReportDropped(): void
  /** the clock of one storage call, e.g. `artifacts.find`: looked up once, since there are many calls to a sign-in */
  store(operation: string): { observe(seconds: number): void }
  message(channel: Channel, outcome: 'delivered' | 'retry' | 'failed'): void
  /** Prometheus text format */
  render(): Promise<string>
  readonly contentType: string
}

const ceremonyLabels = ['ceremony', 'mediation', 'outcome', 'browser', 'platform', 'provider'] as const
type CeremonyLabel = (typeof ceremonyLabels)[number]

const channels = ['mail', 'sms'] as const satisfies Channel[]

/** Anything else that somebody may put on a request line would make a new time series each. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * One registry per application, so that tests and reloads do not share counters. Labels are route patterns and literals:
 * their number is bounded by the code, and nothing that was typed gets in.
 *
 * @param sources asked at each scrape
 */
export function createMetrics(sources: { outboxDepth?: (channel: Channel) => Promise<number>; accounts?: () => Promise<AccountTally> } = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  // In buckets and labelled by status, the histogram counts the requests as well.
  const requests = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'Time to answer, by method, route pattern and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  })
  const logins = new Counter({ name: 'latchkey_logins_total', help: 'Finished sign-ins and sign-ups, by the method that was proven last', labelNames: ['method'], registers })
  const signUps = new Counter({ name: 'latchkey_sign_ups_total', help: 'Accounts created', registers })
  const sends = new Counter({ name: 'latchkey_code_sends_total', help: 'Codes asked for, by outcome', labelNames: ['outcome'], registers })
  const checks = new Counter({ name: 'latchkey_code_checks_total', help: 'Codes typed, by outcome', labelNames: ['outcome'], registers })
  const ceremonies = createBoundedCounter({
    name: 'latchkey_passkey_ceremonies_total',
    help: 'Passkey dialogs that started, and what became of them, by ceremony, mediation, outcome, browser, platform and provider',
    labelNames: ceremonyLabels,
    folded: ['browser', 'platform', 'provider'],
    registers,
  })
  const offers = new Counter({
    name: 'latchkey_passkey_offers_total',
    help: 'Offers to create a passkey, by what became of them and what they came after',
    labelNames: ['outcome', 'occasion'],
    registers,
  })
  const dropped = new Counter({ name: 'latchkey_passkey_reports_dropped_total', help: 'Reports of browsers that were not kept, since too many came from one network or login', registers })
  const store = new Histogram({
    name: 'latchkey_store_duration_seconds',
    help: 'Time of a storage call, by operation',
    labelNames: ['operation'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1],
    registers,
  })
  const messages = new Counter({
    name: 'latchkey_messages_total',
    help: 'Attempts to hand on a mail or a text message, by channel and outcome',
    labelNames: ['channel', 'outcome'],
    registers,
  })
  const { outboxDepth, accounts } = sources
  if (accounts !== undefined) {
    new Gauge({
      name: 'latchkey_accounts',
      help: 'Accounts, by whether they have a passkey',
      labelNames: ['passkey'],
      registers,
      async collect() {
        const { withPasskey, without } = await accounts()
        this.set({ passkey: 'yes' }, withPasskey)
        this.set({ passkey: 'no' }, without)
      },
    })
  }
  if (outboxDepth !== undefined) {
    new Gauge({
      name: 'latchkey_outbox_depth',
      help: 'Mails and text messages that are still to be delivered, by channel',
      labelNames: ['channel'],
      registers,
      async collect() {
        for (const channel of channels) this.set({ channel }, await outboxDepth(channel))
      },
    })
  }

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    request({ method, route, status, seconds }) {
      requests.observe({ method: methods.has(method) ? method : 'other', route, status }, seconds)
    },
    login: (method) => logins.inc({ method }),
    signUp: () => signUps.inc(),
    codeSent: (outcome) => sends.inc({ outcome }),
    codeChecked: (outcome) => checks.inc({ outcome }),
    passkeyCeremony: (labels) => ceremonies.inc(labels),
    passkeyOffer: (outcome, occasion) => offers.inc({ outcome, occasion }),
    passkeyReportDropped: () => dropped.inc(),
    store: (operation) => store.labels({ operation }),
    message: (channel, outcome) => messages.inc({ channel, outcome }),
  }
}
