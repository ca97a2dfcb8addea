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
  source.addEventListener('changed', () => tell({ is: 'changed' }))
  source.onerror = () => {
    open = false
    tell({ is: 'cut' })
    // The browser does not try again after an answer such as 401.
    if (source.readyState !== EventSource.CLOSED) return
    setTimeout(reconnect, 2000)
    tellWhetherRefused()
  }
}

/** An EventSource does not say what it was answered. */
async function tellWhetherRefused() {
  const { status } = await fetch('/api/tasks?ids=', { cache: 'no-store' }).catch(() => ({ status: 0 }))
  if (status === 401 || status === 403) tell({ is: 'refused' })
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
