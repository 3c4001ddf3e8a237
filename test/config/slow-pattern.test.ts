import test from 'ava'
import { isSlow } from '../../src/config/slow-pattern.ts'

test('patterns that everybody uses are not slow; those that are, are found out soon', (t) => {
  const usual = [String.raw`[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?`, '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}', '[0-9a-f]{64}', String.raw`\w{3,32}`, String.raw`\p{L}[\p{L}\p{N}]*`, '.{1,128}', '[a-z0-9]+(?:-[a-z0-9]+)*']
  for (const pattern of usual) t.false(isSlow(pattern), pattern)
  for (const pattern of ['(a+)+', '([a-z]+)*', '(?:[a-z0-9]+-?)+', String.raw`(\w|\d)+`, '(a|a)*b', '([0-9]+)+x']) t.true(isSlow(pattern), pattern)
})

test('a slow pattern is found out by its own words, whatever its names begin with and end in', (t) => {
  const slow = [
    String.raw`emp-(\d+-?)+`, 'u([0-9]+)+', '[b-z]([b-z]+)*', '(x+x+)+y', '(x(a?|b?)y)*', '(a?b?)*', '(a*)*', '(?:ab|a|b)+', '((?:[a-z]{2,}))+', String.raw`(ж+-?)+`, String.raw`(\u{1F600}+)+`,
    '(?=(c+)+$)c*', String.raw`(.)(\1+)+`, String.raw`[a-z_]+([._][a-z_]+)*`, 'k-(m{1,40}){1,40}', 'q{2}(z{1,9}){1,9}', 'x*x*x*x*x*x*x*y', '(?:pq)*(?:pq)*(?:pq)*(?:pq)*(?:pq)*(?:pq)*(?:pq)*',
    '(?:[a-z]{100}){100}',
  ]
  for (const pattern of slow) t.true(isSlow(pattern), pattern)
  const usual = [
    '[0-9a-f]{128}', String.raw`[a-z]+(\.[a-z]+)*`, String.raw`(?!admin)[a-z][a-z0-9_]{2,29}`, String.raw`(?!.*[._-]{2})[a-z0-9._-]{3,40}`, '(?:[a-z0-9]{2,8}-){1,4}[0-9]{4}', 'emp-[0-9]{6}',
    '[a-z]{2,3}[0-9]{4,6}(?:-x)?', String.raw`[\p{L}\p{N}]+(?:[._'-][\p{L}\p{N}]+)*`, '(?:[0-9]|[a-z])+', '[^@ ]+', '', '[a-z]*[0-9]*', '(?<n>[a-z]+)[0-9]+', '[一-龥a-z]{2,20}', '(?:[a-z]{2})+', '(?:a{2}b|ab{2})*',
  ]
  for (const pattern of usual) t.false(isSlow(pattern), pattern)
})
