import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'

const root = join(import.meta.dirname, '..')

for (const file of ['README.md', ...globSync('docs/*.md', { cwd: root })]) {
  test(`${file} links to what is there`, (t) => {
    const text = readFileSync(join(root, file), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
    t.true(links.length > 0)
    t.deepEqual(links.filter((link) => !existsSync(join(root, dirname(file), link))), [])
  })
}
