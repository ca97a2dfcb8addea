/** The path of an address of this console; any other leads to Overview. */
export function ownPath(next: string): string {
  if (!URL.canParse(next, 'http://console')) return '/'
  const { origin, pathname, search } = new URL(next, 'http://console')
  // A path of two slashes would be a host to the browser.
  return origin === 'http://console' && !pathname.startsWith('//') ? pathname + search : '/'
}
