/** The app of every benchmark, registered alike at both servers. */
export const client = {
  client_id: 'bench',
  client_name: 'Benchmark',
  client_secret: 'known to the benchmark only',
  redirect_uris: ['http://localhost:8/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  // ours signs by it anyway; with RS256 the bare engine would spend a good part of its time on signatures
  id_token_signed_response_alg: 'ES256' as const,
}

export const authorization = `Basic ${Buffer.from(
  `${encodeURIComponent(client.client_id)}:${encodeURIComponent(client.client_secret)}`,
).toString('base64')}`
