# Records cassettes with Ruby's VCR, hooked into WebMock; ../record.py starts it.
require 'json'
require 'net/http'
require 'vcr'
require 'webmock'

order = JSON.parse($stdin.read)

send_all = lambda do |calls, headers|
  calls.each do |call|
    uri = URI(order['base'] + call['path'])
    request = Net::HTTP.const_get(call['method'].capitalize).new(uri, headers)
    unless call['body'].to_s.empty?
      request.body = call['body']
      request['Content-Type'] = 'application/json'
    end
    Net::HTTP.start(uri.host, uri.port, nil) { |http| http.request(request) }
  end
end

VCR.configure do |config|
  config.cassette_library_dir = order['folder']
  config.hook_into :webmock
end

gzip = { 'Accept-Encoding' => 'gzip' }
[
  ['yaml', order['some'], {}, {}],
  ['json', order['few'], {}, { serialize_with: :json }],
  ['exact', order['few'], {}, { preserve_exact_body_bytes: true }],
  ['gzip', order['few'], gzip, {}],
  ['gzip-exact', order['few'], gzip, { preserve_exact_body_bytes: true, serialize_with: :json }],
  ['decompressed', order['few'], gzip, { decode_compressed_response: true }],
].each do |name, calls, headers, options|
  VCR.use_cassette(name, record: :all, **options) { send_all.call(calls, headers) }
end
