import test from 'ava'
import { appCode } from './authenticator-app.ts'

/** RFC 6238, appendix B: the last six of the eight digits there. */
test('shows what the standard says', (t) => {
  const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  t.deepEqual([59, 1_111_111_109, 1_234_567_890, 20_000_000_000].map((seconds) => appCode(key, seconds * 1_000)), ['287082', '081804', '005924', '353130'])
})
