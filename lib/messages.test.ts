import { expect, it } from 'vitest'
import en from '#messages/en.json' with { type: 'json' }
import zhCN from '#messages/zh-CN.json' with { type: 'json' }
import { faults } from './core/fault.ts'
import { rules } from './core/rules.ts'

type Tree = { [key: string]: string | Tree }

/** Each sentence's path with the values that it needs. */
function sentences(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, [...new Set(value.match(/\{\w+/g) ?? [])].sort().join(' ')] as [string, string]]
      : sentences(value, `${path}${key}.`),
  )
}

it('every sentence of the console is there in both languages, with the same values', () => {
  const { fault: _ef, rule: _er, ...english } = en
  const { fault: _zf, rule: _zr, ...chinese } = zhCN
  // A plural that one language has no use for may leave a value out.
  const paths = (tree: Tree) => sentences(tree).map(([path]) => path)
  expect(paths(chinese)).toEqual(paths(english))
  const given = new Map(sentences(english))
  for (const [path, values] of sentences(chinese)) {
    for (const value of values.split(' ').filter(Boolean))
      expect(`${path} ${given.get(path)}`).toContain(value)
  }
})

it('every refusal has its sentence in Chinese too', () => {
  expect(Object.keys(zhCN.fault).sort()).toEqual(
    Object.keys(faults)
      .map((code) => code.replaceAll('.', '-'))
      .sort(),
  )
})

it('every rule has its sentence in Chinese too', () => {
  expect(Object.keys(zhCN.rule).sort()).toEqual(Object.keys(rules).sort())
})
