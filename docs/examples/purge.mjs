// npm install @alicloud/dcdn20180115@2.5.0 @alicloud/openapi-client@0.4.15
// ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=… node purge.mjs http://www.example.com/page.html
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { default: Dcdn, RefreshDcdnObjectCachesRequest } = require('@alicloud/dcdn20180115')
const { Config } = require('@alicloud/openapi-client')

const { host, protocol } = new URL('https://freshet.example.com')
const client = new Dcdn(
  new Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: host,
    protocol: protocol.replace(':', '').toUpperCase(),
  }),
)
const objectPath = process.argv.slice(2).join('\n')
const { body } = await client.refreshDcdnObjectCaches(new RefreshDcdnObjectCachesRequest({ objectPath }))
console.log(body.refreshTaskId)
