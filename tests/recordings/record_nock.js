// Records calls with nock, the module in argv[2]; ../record_lists.py starts it.
const fs = require('fs')
const http = require('http')
const path = require('path')
const nock = require(process.argv[2])

const { base, folder, all } = JSON.parse(fs.readFileSync(0, 'utf8'))

const asked = (call, headers) => new Promise((resolve, reject) => {
  const request = http.request(base + call.path, { method: call.method, headers, agent: false }, (response) => {
    response.on('data', () => {}).on('end', resolve)
  })
  request.on('error', reject)
  request.end(call.body || undefined)
})

async function main() {
  nock.recorder.rec({ output_objects: true, dont_print: true, enable_reqheaders_recording: false })
  for (const call of all) {
    const sent = call.body ? { 'Content-Type': 'application/json' } : {}
    await asked(call, { ...sent, 'Accept-Encoding': 'gzip' })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  fs.writeFileSync(path.join(folder, 'recorded.json'), JSON.stringify(nock.recorder.play(), null, 2) + '\n')
}

main()
