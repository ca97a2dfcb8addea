import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { IntlProvider } from 'use-intl'
import { expect, it } from 'vitest'
import en from '#messages/en.json' with { type: 'json' }
import { Choices } from './choices.tsx'
import { Select } from './field.tsx'

const options = Array.from({ length: 10_000 }, (_, at) => ({ value: String(at), text: `user-${at}` }))

function drawn(form: ReactNode, part: RegExp): string[] {
  const page = (
    <IntlProvider locale="en" messages={en} timeZone="UTC">
      {form}
    </IntlProvider>
  )
  return [...renderToStaticMarkup(page).matchAll(part)].map(([, value = '']) => value)
}

it('of thousands a hundred can be ticked at once, and those that are ticked stand first', () => {
  const form = (
    <Choices type="checkbox" name="user" legend="Members" options={options} chosen={['9000', '9999']} />
  )
  const values = drawn(form, /<input type="checkbox"[^>]* value="(\d+)"/g)
  expect(values).toHaveLength(100)
  expect(values.slice(0, 3)).toEqual(['9000', '9999', '0'])
  expect(drawn(form, /And (\d+) more/g)).toEqual(['9900'])
})

it('of thousands a hundred are offered, with the one that is chosen among them', () => {
  const select = <Select name="user" label="Who" options={options} defaultValue="9000" />
  const values = drawn(select, /<option value="(\d+)"/g)
  expect(values).toHaveLength(100)
  expect(values[0]).toBe('9000')
})
