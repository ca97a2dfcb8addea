import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { settings } from '#lib/settings.ts'

const version = 1

/**
 * Encrypts a secret for one place in the database, AES-256-GCM.
 *
 * @param place table, row and column, such as `cache/7/secret`; a copied cell does not decrypt
 * @returns one version byte, 12 bytes nonce, 16 bytes tag, ciphertext
 */
export function seal(secret: string, place: string): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', settings().secretKey, nonce).setAAD(Buffer.from(place))
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return new Uint8Array(Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), text]))
}

/** Decrypts what `seal` made for the same place; throws when it was changed, moved or of another key. */
export function unseal(sealed: Uint8Array, place: string): string {
  const bytes = Buffer.from(sealed)
  if (bytes[0] !== version) throw new Error(`unknown version of a sealed secret at ${place}`)
  const decipher = createDecipheriv('aes-256-gcm', settings().secretKey, bytes.subarray(1, 13))
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(13, 29))
  return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString('utf8')
}

const mark = 'sealed '

/** Encrypts a text that stands among others, such as one value of a JSON document. */
export function sealText(text: string, place: string): string {
  return mark + Buffer.from(seal(text, place)).toString('base64')
}

/** What `sealText` made as it was before, empty where another key sealed it; any other text as it is. */
export function unsealText(text: string, place: string): string {
  if (!text.startsWith(mark)) return text
  try {
    return unseal(Buffer.from(text.slice(mark.length), 'base64'), place)
  } catch {
    return ''
  }
}
