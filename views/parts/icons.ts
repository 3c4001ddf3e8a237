import { safe } from 'escape-html-template-tag'

/** Drawn for this project on a 24 px grid with a 2 px stroke (1.75 where lines are close). */
const drawings = {
  passkey: '<circle cx="8.5" cy="8" r="4.5"/><path d="M2 20.5v-1a5 5 0 0 1 5-5h3a5 5 0 0 1 2.6.7"/><circle cx="18" cy="12.5" r="3"/><path d="M18 15.5V22m0-3h2.2"/>',
  key: '<circle cx="7.5" cy="16.5" r="4.5"/><path d="M10.7 13.3 20 4m-4.5 4.5 3 3M18.5 5.5l2 2"/>',
  mail: '<rect x="3" y="5" width="18" height="14" rx="2.5"/><path d="m3.6 7.2 7 5.3a2.3 2.3 0 0 0 2.8 0l7-5.3"/>',
  phone: '<rect x="6.5" y="2.5" width="11" height="19" rx="2.5"/><path d="M10.5 18.5h3"/>',
  message: '<path d="M5.5 4.5h13A2.5 2.5 0 0 1 21 7v7a2.5 2.5 0 0 1-2.5 2.5H12l-4.5 4v-4h-2A2.5 2.5 0 0 1 3 14V7a2.5 2.5 0 0 1 2.5-2.5z"/><path d="M8 10.5v.1m4-.1v.1m4-.1v.1"/>',
  laptop: '<rect x="4" y="4.5" width="16" height="11.5" rx="2"/><path d="M2 19.5h20"/>',
  cloud: '<path d="M7 18.5a4.5 4.5 0 0 1-.7-8.9 6 6 0 0 1 11.6 1.2A4 4 0 0 1 17.5 18.5z"/>',
  manager: '<rect x="3" y="4" width="18" height="16" rx="2.5"/><circle cx="12" cy="12" r="3.5"/><path d="M12 8.5V7m0 10v-1.5m3.5-3.5H17M7 12h1.5M6 20v1.5m12-1.5v1.5"/>',
  fingerprint: '<path d="M5.2 8.3A8 8 0 0 1 12 4.5a8 8 0 0 1 8 8v1.2"/><path d="M4.2 15.5a12 12 0 0 0 .3-3A7.5 7.5 0 0 1 5 10.2"/><path d="M8 12.5a4 4 0 0 1 8 0c0 2.6-.3 4.7-1 6.8"/><path d="M7.6 17.3c.3-1.5.4-2.6.4-4.8"/><path d="M12 12.5c0 3.4-.5 5.8-1.6 8.3"/><path d="M18.9 18.3c.3-.9.6-2 .8-3.2"/>',
  face: '<path d="M4 8.5V6.5A2.5 2.5 0 0 1 6.5 4h2m7 0h2A2.5 2.5 0 0 1 20 6.5v2m0 7v2a2.5 2.5 0 0 1-2.5 2.5h-2m-7 0h-2A2.5 2.5 0 0 1 4 17.5v-2"/><path d="M9 9v1.2m6-1.2v1.2m-3-1.2v3.3h-.8m-2.2 2.7a4.5 4.5 0 0 0 6 0"/>',
  lock: '<rect x="4.5" y="10.5" width="15" height="10.5" rx="2.5"/><path d="M8 10.5V7a4 4 0 0 1 8 0v3.5M12 14.5v2.5"/>',
  check: '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
  done: '<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.8L16 9.7"/>',
  info: '<circle cx="12" cy="12" r="9"/><path d="M12 11.5V16m0-8.1v.1"/>',
  problem: '<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5m0 3.4v.1"/>',
  person: '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5v-.5a5.5 5.5 0 0 1 5.5-5.5h4a5.5 5.5 0 0 1 5.5 5.5v.5"/>',
  link: '<path d="M10 14a4 4 0 0 0 5.7 0l3.3-3.3A4 4 0 0 0 13.3 5l-1 1M14 10a4 4 0 0 0-5.7 0L5 13.3A4 4 0 0 0 10.7 19l1-1"/>',
  clock: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.3l3.3 2"/>',
  out: '<path d="M14 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h7M10 12h10.5m-3.5-3.7L20.7 12 17 15.7"/>',
  next: '<path d="m9.5 6.5 5.5 5.5-5.5 5.5"/>',
}

export type IconName = keyof typeof drawings

const icons = new Map(
  (Object.keys(drawings) as IconName[]).map((name) => [
    name,
    safe(`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">${drawings[name]}</svg>`),
  ]),
)

/** Decoration beside words that say the same. */
export function icon(name: IconName) {
  return icons.get(name) ?? safe('')
}
