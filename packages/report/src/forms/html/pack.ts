/** Bytes that become base64 at once; a multiple of three, so that the pieces join. */
const PIECE = 3 << 13;

/** A value as JSON, deflated, as base64: what the page unpacks with `DecompressionStream`. */
export async function pack(value: unknown): Promise<string> {
  const json = new Blob([JSON.stringify(value)]);
  const deflated = new Response(json.stream().pipeThrough(new CompressionStream('deflate-raw')));
  return base64(new Uint8Array(await deflated.arrayBuffer()));
}

/** Bytes as base64. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  return text;
}
