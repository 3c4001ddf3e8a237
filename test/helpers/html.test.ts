import test from 'ava'
import { parseHtml } from './html.ts'

const page = parseHtml(`<!doctype html><html lang="en"><head><title>Sign in – A &amp; B</title></head><body>
  <!-- <form action="/not-this"></form> --><script>const form = '<form action="/nor-this">'</script>
  <h1>Sign <em>in</em></h1><div role="alert">There is a problem</div>
  <form method="post" action="/identifier" id="main" data-options='{"challenge":"a&quot;b"}'>
    <input type=hidden name=csrf value="t&#x3D;1"><input name="identifier" value="maya@example.com">
    <input type="checkbox" name="remember"><input type="checkbox" name="keep" checked>
    <button>Continue</button><button name="sign_up" value="1">Create an account</button><button type="button">Copy</button>
  </form>
  <button form="main" formaction="/language" name="locale" value="de">Deutsch</button><a href="/help">Help</a></body></html>`)

test('a page says what a person reads', t => {
  t.is(page.language, 'en')
  t.is(page.title, 'Sign in – A & B')
  t.is(page.heading, 'Sign in')
  t.deepEqual(page.alerts, ['There is a problem'])
  t.deepEqual(page.links, [{ href: '/help', text: 'Help' }])
})

test('a form sends what it holds, and knows the buttons inside and outside of it', t => {
  t.is(page.forms.length, 1)
  const [form] = page.forms
  t.deepEqual(form?.values, { csrf: 't=1', identifier: 'maya@example.com', keep: 'on' })
  t.deepEqual(form?.buttons, [
    { value: '', text: 'Continue' },
    { name: 'sign_up', value: '1', text: 'Create an account' },
    { name: 'locale', value: 'de', text: 'Deutsch', action: '/language' },
  ])
  t.deepEqual(form?.data, { options: '{"challenge":"a"b"}' })
})
