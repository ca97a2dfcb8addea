import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'

const types: Record<string, string> = {
  '.js': 'application/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/**
 * Answers for files of the build that were packed by brotli when it was made, which are a sixth shorter than
 * what Next packs at each request; false for all others, and for browsers that do not take it.
 *
 * @param folder of the build; its `static` is what `/_next/static` shows
 */
export function packedFiles(folder: string): (request: IncomingMessage, response: ServerResponse) => boolean {
  const packed = new Map<string, Buffer>()
  for (const file of readdirSync(path.join(folder, 'static'), { recursive: true, encoding: 'utf8' })) {
    const url = `/_next/static/${file.replaceAll(path.sep, '/')}`
    if (file.endsWith('.br')) packed.set(url.slice(0, -3), readFileSync(path.join(folder, 'static', file)))
  }
  return ({ url = '', headers, method }, response) => {
    const body = packed.get(url)
    const type = types[path.extname(url)]
    const takesBrotli = /\bbr\b/.test(String(headers['accept-encoding'] ?? ''))
    if (!body || !type || !takesBrotli || method !== 'GET') return false
    response.writeHead(200, {
      'content-type': type,
      'content-encoding': 'br',
      'content-length': body.length,
      // Its name holds its hash.
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    })
    response.end(body)
    return true
  }
}
