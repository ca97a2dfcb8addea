import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Makes the folder of everything that must outlive a start, with the secret key in it. Others may pass
 * through it, because Postgres may have to run as somebody else, but each thing in it is closed.
 */
export function openStateFolder(folder: string, withKey: boolean): void {
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const file = path.join(folder, 'secret.key')
  if (withKey && !existsSync(file))
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
}
