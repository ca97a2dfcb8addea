import { describe, expect, it } from 'vitest'
import { weaknessOf } from './weak-password.ts'

const of = { user: 'maria.lopez', account: 'Example Media' }

describe('a password', () => {
  it.each([
    ['password-user', ['maria.lopez rides 7', 'xx-MariaLopez-xx', 'my MARIA.LOPEZ 2026']],
    ['password-account', ['ExampleMedia!9$k', 'at example media we purge', 'example-media-7 h']],
    ['password-product', ['freshet is running', 'Fresh-et 93 kmq!']],
    [
      'password-repeated',
      [
        'aaaaaaaaaaaa',
        '            ',
        'ab1ab1ab1ab1',
        'horse7!horse7!horse7!',
        '。。。。。。。。。。。。',
        'abababbabaab',
      ],
    ],
    [
      'password-sequence',
      [
        'qwertyuiop12',
        '1qaz2wsx3edc',
        '1q2w3e4r5t6y',
        'abcdefghijkl',
        '!@#$%^&*()_+',
        '987654321 qwerty',
        'zxcvbnmasdfghjkl',
      ],
    ],
    [
      'password-common',
      [
        'password1234',
        'P@ssw0rd 2026',
        'Administrator1!',
        'welcome welcome2',
        'Summer2026!!',
        'iloveyouforever',
        'changeme-123',
        'correcthorsebatterystaple',
      ],
    ],
  ])('is refused as %s', (rule, passwords) => {
    for (const password of passwords)
      expect(`${password}: ${weaknessOf(password, of)}`).toBe(`${password}: ${rule}`)
  })

  it.each([
    'correct horse battery',
    'a horse of another colour',
    'summer rain on a tin roof',
    'jR7!kq2Zv0pX',
    '839201748362',
    '每天早上喝一杯热咖啡再去上班',
    'über die sieben Brücken',
    'monkeys that type 74 plays',
  ])('such as “%s” fits', (password) => {
    expect(weaknessOf(password, of)).toBeNull()
  })

  it('may hold a name so short that it stands there by chance', () => {
    expect(weaknessOf('planning for rain', { user: 'ann', account: 'IN' })).toBeNull()
  })
})
