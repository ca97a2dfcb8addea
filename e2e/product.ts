import { rmSync } from 'node:fs'
import { guard } from '#lib/fleet/sentinel.ts'
import { freePort, launch, readSetupLink, stateFolder } from './launch.ts'

/**
 * Starts the product for a run, as a stranger would, on a port and a state folder of its own.
 *
 * Specs find its address in FRESHET_E2E_URL (which is also the base URL), the set-up link in
 * FRESHET_E2E_SETUP and its state folder in FRESHET_E2E_STATE.
 */
export default async function startProduct(): Promise<() => Promise<void>> {
  const state = stateFolder('product')
  const product = launch({ FRESHET_STATE: state, PORT: String(await freePort()) })
  const unguard = guard(product.child.pid as number, 'TERM', 5_000)
  const setup = await readSetupLink(product)
  Object.assign(process.env, {
    FRESHET_E2E_URL: new URL(setup).origin,
    FRESHET_E2E_SETUP: setup,
    FRESHET_E2E_STATE: state,
  })
  return async () => {
    product.child.kill('SIGTERM')
    await product.ended
    unguard()
    rmSync(state, { recursive: true, force: true })
  }
}
