// One stream of progress for all tabs of a browser: HTTP/1.1 allows six connections to a host, and
// each tab with a stream of its own would take one.
const ports = new Set()
let source
let open = false

function tell(message) {
  for (const port of ports) port.postMessage(message)
}

function connect() {
  source = new EventSource('/api/progress')
  source.onopen = () => {
    open = true
    tell({ is: 'open' })
  }
  source.onmessage = (event) => tell({ is: 'tasks', tasks: JSON.parse(event.data) })
  source.onerror = () => {
    open = false
    tell({ is: 'cut' })
    // The browser does not try again after an answer such as 401.
    if (source.readyState === EventSource.CLOSED) setTimeout(reconnect, 2000)
  }
}

function reconnect() {
  if (ports.size > 0) connect()
  else source = undefined
}

self.onconnect = (event) => {
  const [port] = event.ports
  ports.add(port)
  port.onmessage = ({ data }) => {
    if (data !== 'bye') return
    ports.delete(port)
    if (ports.size > 0) return
    source?.close()
    source = undefined
    open = false
  }
  if (!source) connect()
  else if (open) port.postMessage({ is: 'open' })
}
