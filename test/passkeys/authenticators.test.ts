import test from 'ava'
import { authenticatorFor } from '../../src/passkeys/index.ts'

test('a known AAGUID has a name and a drawing', (t) => {
  t.deepEqual(authenticatorFor('fbfc3007-154e-4ecc-8c0b-6e020557d7bd'), { name: 'Apple Passwords', icon: 'cloud' })
  t.deepEqual(authenticatorFor('08987058-cadc-4b81-b6e1-30de50dcbe96'), { name: 'Windows Hello', icon: 'laptop' })
  t.deepEqual(authenticatorFor('bada5566-a7aa-401f-bd96-45619a55120d'), { name: '1Password', icon: 'manager' })
})

test('an unknown one has none, whatever it is called', (t) => {
  for (const aaguid of ['00000000-0000-0000-0000-000000000000', '', '__proto__', 'constructor']) {
    t.is(authenticatorFor(aaguid), undefined, aaguid)
  }
})
