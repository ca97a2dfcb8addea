import { homedir } from 'node:os'
import path from 'node:path'

/** What the environment says to the command line. It stands apart from settings.ts, which takes 60 ms to load. */
export function clientEnvironment() {
  const { FRESHET_ENDPOINT, FRESHET_ACCESS_KEY_ID, FRESHET_ACCESS_KEY_SECRET, FRESHET_PROFILE } = process.env
  const { NO_COLOR, TERM, XDG_CONFIG_HOME } = process.env
  return {
    // An empty variable is how a shell or a pipeline says that one is not set.
    endpoint: FRESHET_ENDPOINT || undefined,
    accessKeyId: FRESHET_ACCESS_KEY_ID || undefined,
    accessKeySecret: FRESHET_ACCESS_KEY_SECRET || undefined,
    profile: FRESHET_PROFILE || undefined,
    profileFile: path.join(XDG_CONFIG_HOME || path.join(homedir(), '.config'), 'freshet', 'profiles.json'),
    /** @see https://no-color.org */
    wantsColor: !NO_COLOR,
    canRedraw: TERM !== 'dumb',
  }
}
