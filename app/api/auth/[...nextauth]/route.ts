import { NextRequest } from 'next/server'
import { handlers } from '#app/session.ts'

// Next gives the address that the server listens on; next-auth would redirect there, and not to
// the name that the browser used.
function asAddressed(request: NextRequest): NextRequest {
  const url = new URL(request.url)
  url.host = request.headers.get('x-forwarded-host') ?? request.headers.get('host') ?? url.host
  return new NextRequest(url, request)
}

export const GET = (request: NextRequest) => handlers.GET(asAddressed(request))
export const POST = (request: NextRequest) => handlers.POST(asAddressed(request))
