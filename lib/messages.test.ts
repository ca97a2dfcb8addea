import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { IntlProvider } from 'use-intl'
import { expect, it } from 'vitest'
import { pageSentences } from '#app/page-sentences.ts'
import { Refusal } from '#components/refusal.tsx'
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

it.each([
  ['', zhCN.rule['password-repeated']],
  ['a b', `“a b”不符合要求。${zhCN.rule['password-repeated']}`],
])('a refusal in Chinese shows what was given, “%s”, only where there is something', (given, said) => {
  const details = { field: 'password', given, rule: 'password-repeated' }
  const state = { is: 'refused', code: 'InvalidParameter', message: '', details } as const
  const children = createElement(Refusal, { state })
  const shown = { locale: 'zh-CN', timeZone: 'UTC', messages: zhCN, children } as const
  const html = renderToStaticMarkup(createElement(IntlProvider, shown))
  expect(html.replace(/<[^>]*>/g, '')).toBe(said)
})

it('every rule has its sentence in Chinese too', () => {
  expect(Object.keys(zhCN.rule).sort()).toEqual(Object.keys(rules).sort())
})

/** The files that a file imports from this project. */
function importsOf(file: string): string[] {
  const names = readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'((?:#|\.)[^']+\.tsx?)'/g)
  return [...names].map(([, name = '']) =>
    name.startsWith('#') ? name.slice(1) : path.join(path.dirname(file), name),
  )
}

/** What runs in the browser for a page: its client components with all that they import. */
function browserFiles(file: string, inBrowser = false, seen = new Set<string>()): Set<string> {
  const isClient = inBrowser || readFileSync(file, 'utf8').startsWith("'use client'")
  const mark = `${file} ${isClient}`
  if (!seen.has(mark)) {
    seen.add(mark)
    for (const next of importsOf(file)) if (existsSync(next)) browserFiles(next, isClient, seen)
  }
  return new Set([...seen].filter((one) => one.endsWith(' true')).map((one) => one.slice(0, -' true'.length)))
}

/** The groups whose sentences a file of the browser shows. */
function groupsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const whole = [...text.matchAll(/useTranslations\('(\w+)/g)]
  const single = text.includes('useTranslations()')
    ? [...text.matchAll(/\bt(?:\.rich|\.has)?\(\s*['`](\w+)\./g)]
    : []
  return [...whole, ...single].map(([, group = '']) => group)
}

/** The groups that the layouts above a page bring, and the page itself. */
function broughtTo(page: string): string[] {
  const folders = path.dirname(page).split('/')
  const layouts = folders
    .map((_, at) => path.join(...folders.slice(0, at + 1), 'layout.tsx'))
    .filter(existsSync)
  return [...layouts, page].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/<Sentences\s+of=\{\[([^\]]*)\]/g)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.trim().replaceAll("'", '')),
    ),
  )
}

const pages = globSync('app/**/page.tsx')

it.each(pages)('%s brings the sentences that it shows in the browser', (page) => {
  const shown = [...browserFiles(page)].flatMap(groupsOf)
  const isOfPages = (group: string) => pageSentences.some((one) => one === group)
  const missing = shown.filter((group) => isOfPages(group) && !broughtTo(page).includes(group))
  expect([...new Set(missing)]).toEqual([])
})

it('the frame needs no sentence that only some pages have', () => {
  const shown = [
    'app/layout.tsx',
    'app/(console)/layout.tsx',
    'app/error.tsx',
    'app/(console)/error.tsx',
  ].flatMap((file) => [...browserFiles(file)].flatMap(groupsOf))
  expect(shown.filter((group) => pageSentences.some((one) => one === group))).toEqual([])
})

it('every action has its words for the audit log', () => {
  const folder = path.resolve(import.meta.dirname, 'operations')
  const files = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'))
  const text = files.map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n')
  const named = [...text.matchAll(/'(?:freshet|dcdn):(\w+)'/g)].map(([, name]) => name)
  expect(new Set(named).size).toBeGreaterThan(20)
  expect([...new Set(named)].filter((name) => !Object.hasOwn(en.audit.act, name ?? ''))).toEqual([])
})
