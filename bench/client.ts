/** The app of every benchmark, registered alike at both servers. */
export const client = {
  client_id: 'bench',
  client_name: 'Benchmark',
  client_secret: 'known to the benchmark only',
  redirect_uris: ['http://localhost:8/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
}

export const authorization = `Basic ${Buffer.from(
  `${encodeURIComponent(client.client_id)}:${encodeURIComponent(client.client_secret)}`,
).toString('base64')}`
