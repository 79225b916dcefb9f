// Makes Postman collections with Postman's own postman-collection and postman-collection-transformer; ../record.py starts it.
const fs = require('fs')
const path = require('path')
const { Collection, Item, ItemGroup } = require('postman-collection')
const transformer = require('postman-collection-transformer')

const { base, folder, some, few } = JSON.parse(fs.readFileSync(0, 'utf8'))

const requestOf = ({ method, path, body }) => ({
  method,
  url: '{{baseUrl}}' + path,
  header: body ? [{ key: 'Content-Type', value: 'application/json' }] : [],
  ...(body ? { body: { mode: 'raw', raw: body, options: { raw: { language: 'json' } } } } : {}),
})

async function itemOf(call) {
  const got = await fetch(base + call.path, { method: call.method, body: call.body || undefined })
  const text = await got.text()
  return new Item({
    name: `${call.method} ${call.path}`,
    request: requestOf(call),
    response: [{
      name: got.statusText,
      originalRequest: requestOf(call),
      status: got.statusText,
      code: got.status,
      _postman_previewlanguage: 'json',
      header: [...got.headers].filter(([key]) => !/^(connection|keep-alive)$/.test(key)).map(([key, value]) => ({ key, value })),
      cookie: [],
      body: text,
    }],
  })
}

async function collectionOf(name, calls) {
  const items = []
  for (const call of calls) items.push(await itemOf(call))
  const under = (part) => items.filter((item) => item.name.includes(' ' + part))
  const get = { method: 'GET', path: '/api/vcenter/vm/vm-idle/guest/customization' }
  return new Collection({
    info: { _postman_id: '00000000-0000-4000-8000-000000000000', name },
    variable: [{ key: 'baseUrl', value: 'https://vcenter.example' }],
    item: [
      new ItemGroup({ name: 'api', item: [new ItemGroup({ name: 'customization', item: under('/api/vcenter/vm/') })] }),
      new ItemGroup({ name: 'rest', item: under('/rest/') }),
      new ItemGroup({ name: 'an empty folder', item: [] }),
      ...items.filter((item) => /\/api$|\/vm$/.test(item.name)),
      new Item({ name: 'never sent', request: requestOf(get) }),
      new Item({ name: 'saved without its body', request: requestOf(get), response: [{ name: 'OK', code: 200, body: null }] }),
    ],
  }).toJSON()
}

const converted = (collection, inputVersion, outputVersion) => new Promise((resolve, reject) => {
  transformer.convert(collection, { inputVersion, outputVersion, retainIds: true }, (error, result) => error ? reject(error) : resolve(result))
})

async function main() {
  const write = (name, document) => fs.writeFileSync(path.join(folder, name), JSON.stringify(document, null, '\t') + '\n')
  write('sdk.postman_collection.json', await collectionOf('sdk', few))
  // Between two versions of the format there is only the way through the first.
  write('v2.1.postman_collection.json', await converted(await converted(await collectionOf('v2.1', some), '2.1.0', '1.0.0'), '1.0.0', '2.1.0'))
  write('v2.0.postman_collection.json', await converted(await converted(await collectionOf('v2.0', few), '2.1.0', '1.0.0'), '1.0.0', '2.0.0'))
}

main()
